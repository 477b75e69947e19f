import { guardrailTables, iamTables, readGuardrails, readPrincipals } from '../derive/iam.ts'
import type { StoredRow } from '../lake/table.ts'
import { type Documents, openDocuments } from '../policy/documents.ts'
import type { TrustedRole } from '../policy/trust.ts'
import type { Document, Principal, Request } from '../policy/types.ts'
import type { FinishedRun } from './finished-run.ts'

/** What stands around a principal: the organization and what its policies leave. */
export type Guardrails = Pick<Request, 'organization' | 'scps' | 'rcps'>

/** The users and roles of all accounts of a run, from the documents that it kept. */
export interface People {
  documents: Documents
  byArn: ReadonlyMap<string, Principal>
  /** Accounts whose users and roles were read. */
  accounts: ReadonlySet<string>
  roles: ReadonlyMap<string, TrustedRole>
  /** Groups of which a user is a member, by the user's ARN. */
  groups: ReadonlyMap<string, string[]>
  /** Policies of groups, by the group's ARN. */
  ofGroup: ReadonlyMap<string, Document[]>
  /** The policy that one writes who may write any. */
  anyPolicy: Document
  guardrails(account: string | undefined): Guardrails
}

const EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Sid: 'Everything', Effect: 'Allow', Action: '*', Resource: '*' }],
})

export async function readPeople(run: FinishedRun): Promise<People> {
  const tables = new Map<string, Map<string, StoredRow[]>>()
  const shared = new Map<string, StoredRow[]>()
  for (const table of iamTables)
    tables.set(
      table,
      Map.groupBy(await run.rows(table), ({ account_id }) => String(account_id)),
    )
  for (const table of guardrailTables) shared.set(table, await run.rows(table))
  const documents = openDocuments()
  const { organization } = run
  const placeOf = (accountId: string) => ({
    accountId,
    organization,
    rows: (table: string) => shared.get(table) ?? tables.get(table)?.get(accountId) ?? [],
  })
  const accounts = new Set(tables.get('iam_principals')?.keys())
  const known = [...accounts].flatMap((id) => readPrincipals(placeOf(id), documents))
  const guarded = new Map<string, Guardrails>()
  return {
    documents,
    accounts,
    byArn: new Map(known.map(({ principal }) => [principal.arn, principal])),
    roles: new Map(
      known
        .filter(({ principal }) => principal.kind !== 'user')
        .map(({ row, principal: { arn, account = '' } }) => [
          arn,
          {
            arn,
            account,
            trust: documents.read(`trust of ${arn}`, textOf(row.trust_policy), 'trust'),
          },
        ]),
    ),
    groups: groupsOf(await run.rows('iam_group_members')),
    ofGroup: policiesOfGroups([...accounts].map(placeOf), documents),
    anyPolicy: documents.read('any policy', EVERYTHING, 'identity'),
    guardrails(account) {
      if (account === undefined || !organization.paths.has(account)) return { organization }
      const found = guarded.get(account) ?? readGuardrails(placeOf(account), documents)
      guarded.set(account, found)
      return found
    },
  }
}

/** A group's policies are read as a principal's are. */
function policiesOfGroups(
  places: readonly Parameters<typeof readPrincipals>[0][],
  documents: Documents,
): Map<string, Document[]> {
  const groups = places.flatMap(({ rows, ...place }) =>
    readPrincipals(
      {
        ...place,
        rows: (table) => {
          if (table !== 'iam_principals') return table === 'iam_group_members' ? [] : rows(table)
          return rows('iam_groups').map((row) => ({ ...row, kind: 'role' }))
        },
      },
      documents,
    ),
  )
  return new Map(groups.map(({ principal }) => [principal.arn, principal.identity]))
}

function groupsOf(members: StoredRow[]): Map<string, string[]> {
  const byUser = Map.groupBy(members, ({ user_arn }) => String(user_arn))
  return new Map(
    [...byUser].map(([user, rows]) => [user, rows.map(({ group_arn }) => String(group_arn))]),
  )
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
