import { actionMatches } from './match.ts'
import { accountOf } from './principals.ts'
import { confinement } from './strangers.ts'
import type { Document, Organization, PrincipalEntry, Statement } from './types.ts'

/** What a grant is judged against. */
export interface Known {
  organization: Organization | undefined
  /** Accounts outside the organization that are trusted all the same. */
  trusted: ReadonlySet<string>
  /** Only statements about one of these. Default: all. */
  actions?: readonly string[]
}

/** One statement of a resource policy, for one of its principals. */
export interface Grant {
  document: string
  statement: string
  effect: 'Allow' | 'Deny'
  /** As written; with NotPrincipal everyone but these. */
  principal: string
  principalKind:
    | 'everyone'
    | 'everyone_but'
    | 'account'
    | 'role'
    | 'user'
    | 'session'
    | 'unique_id'
    | 'service'
    | 'federated'
    | 'canonical_user'
    | 'other'
  /** The account that the principal belongs to, where it can be told. */
  account: string | undefined
  relation:
    | 'public'
    | 'same_account'
    | 'organization'
    | 'trusted'
    | 'outside'
    | 'service'
    | 'unknown'
  actions: string[]
  /** `NotAction`: the actions are those that it is not about. */
  allActionsBut: boolean
  resources: string[]
  /**
   * Whether conditions and Denies of the same policy keep strangers out of this Allow: `no`, `yes`, or `unknown` where only a real
   * request can tell (an address, a tag). Of a principal that is not a stranger: `yes`.
   */
  confined: 'yes' | 'no' | 'unknown'
  /** Keys of the statement's own conditions. */
  conditionKeys: string[]
}

/**
 * What a resource policy grants and denies: one row per statement and principal; none of a document that was not read.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function grantsOf(
  document: Document,
  resource: { arn: string; account: string | undefined },
  known: Known,
): Grant[] {
  const { policy } = document
  if (!policy) return []
  return policy.statements
    .filter((statement) => isAsked(statement, known.actions))
    .flatMap((statement) =>
      principalsOf(statement).map((principal): Grant => {
        const relation = relationOf(principal, resource.account, known)
        return {
          document: document.id,
          statement: statement.sid ?? String(statement.index),
          effect: statement.effect,
          principal: principal.text,
          principalKind: principal.kind,
          account: principal.account,
          relation,
          actions: statement.action.patterns.map(({ source }) => source),
          allActionsBut: statement.action.negated,
          resources: statement.resource?.patterns.map(({ source }) => source) ?? [resource.arn],
          confined: strange(relation)
            ? confinement(policy, statement, principal, { resource, ...known })
            : 'yes',
          conditionKeys: [...new Set(statement.conditions.map(({ key }) => key))],
        }
      }),
    )
}

function isAsked(statement: Statement, actions: readonly string[] | undefined): boolean {
  return !actions || actions.some((action) => actionMatches(statement, action))
}

function strange(relation: Grant['relation']): boolean {
  return relation === 'public' || relation === 'outside' || relation === 'unknown'
}

interface Named {
  text: string
  kind: Grant['principalKind']
  account: string | undefined
}

function principalsOf({ principal }: Statement): Named[] {
  if (!principal) return []
  const named = principal.entries.map(nameEntry)
  if (!principal.negated) return named
  return [
    { text: named.map(({ text }) => text).join(', '), kind: 'everyone_but', account: undefined },
  ]
}

function nameEntry({ type, value }: PrincipalEntry): Named {
  if (type === '*') return { text: '*', kind: 'everyone', account: undefined }
  if (type === 'Service') return { text: value, kind: 'service', account: undefined }
  if (type === 'CanonicalUser') return { text: value, kind: 'canonical_user', account: undefined }
  const [, account, resource = ''] = /^arn:[^:]+:[^:]+::(\d{12}):(.*)$/.exec(value) ?? []
  if (type === 'Federated') return { text: value, kind: 'federated', account }
  const whole = accountOf(value)
  if (whole !== undefined) return { text: value, kind: 'account', account: whole }
  if (/^A(ID|RO)A[A-Z0-9]+$/.test(value))
    return { text: value, kind: 'unique_id', account: undefined }
  const kinds = { role: 'role', user: 'user', 'assumed-role': 'session' } as const
  const kind = kinds[resource.split('/')[0] as keyof typeof kinds] ?? 'other'
  return { text: value, kind, account }
}

function relationOf(
  { kind, account }: Named,
  own: string | undefined,
  { organization, trusted }: Known,
): Grant['relation'] {
  if (kind === 'everyone' || kind === 'everyone_but') return 'public'
  if (kind === 'service') return 'service'
  if (account === undefined) return 'unknown'
  if (account === own) return 'same_account'
  if (organization?.paths.has(account)) return 'organization'
  return trusted.has(account) ? 'trusted' : 'outside'
}
