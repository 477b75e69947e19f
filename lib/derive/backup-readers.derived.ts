import { defineTable, string } from '../lake/table.ts'
import { decide } from '../policy/decide.ts'
import { openDocuments } from '../policy/documents.ts'
import { statementsAbout } from '../policy/statements.ts'
import { mayGrant } from '../policy/things.ts'
import type { By, Principal, Request, Resource } from '../policy/types.ts'
import { defineDerivation } from './derivation.ts'
import { guardrailTables, iamTables, readGuardrails, readPrincipals, statementsOf } from './iam.ts'

const tables = {
  backup_readers: defineTable(
    'Who can decrypt with which customer managed key and read the objects of which bucket, one row for each principal and thing; policies of keys are considered, those of buckets are not.',
    {
      principal_arn: string('ARN of the user or role.'),
      kind: string('`key` or `bucket`.'),
      thing_arn: string('ARN of the key or bucket; `*`: every one of the account alike.'),
      decision: string('`allowed`, or `conditional`: it hangs on what only a real request tells.'),
      statements: string(
        'Documents and statements that allow it, of one of them, as a JSON array.',
      ),
    },
  ),
}

/** A key or bucket, with the ARN that its actions are on and the Region that it is called in. */
interface Thing {
  arn: string
  resource: Resource
  region: string
}

interface Reading {
  thing: Thing
  decision: 'allowed' | 'conditional'
  by: By[]
}

const ACTIONS = { key: ['kms:Decrypt'], bucket: ['s3:GetObject', 's3:GetObjectVersion'] } as const

/** Who can read what lies under a key or in a bucket; which of them hold backups is for queries to tell. */
export default defineDerivation({
  service: 'derive',
  scope: 'account',
  reads: [...iamTables, ...guardrailTables, 'kms_key_policies', 's3_buckets'],
  tables,
  derive(cell) {
    const inputs = [...iamTables, ...guardrailTables, 'kms_key_policies', 's3_buckets']
    cell.needsOfEach('backup_readers', inputs)
    const documents = openDocuments()
    const guardrails = readGuardrails(cell, documents)
    const account = cell.accountId
    const keys = cell.rows('kms_key_policies').map((row): Thing => {
      const arn = String(row.key_arn)
      const policy = documents.read(arn, String(row.policy), 'resource')
      return { arn, resource: { arn, account, policy }, region: String(row.region) }
    })
    const buckets = cell.rows('s3_buckets').map((row): Thing => {
      const arn = String(row.arn)
      const resource = { arn: `${arn}/zq0strongroom0qz`, account, policy: null }
      return { arn, resource, region: String(row.region) }
    })
    for (const { principal } of readPrincipals(cell, documents)) {
      if (principal.kind === 'service_linked_role') continue
      for (const [kind, things] of [['key', keys] as const, ['bucket', buckets] as const]) {
        const found = things.flatMap((thing) =>
          readingOf(principal, thing, { actions: ACTIONS[kind], guardrails }),
        )
        for (const { thing_arn, decision, by } of together(found, things.length)) {
          const row = { principal_arn: principal.arn, kind, thing_arn, decision }
          cell.put('backup_readers', { ...row, statements: statementsOf(by) })
        }
      }
    }
  },
})

interface Asked {
  actions: readonly string[]
  guardrails: Pick<Request, 'scps' | 'rcps' | 'organization'>
}

/** The strongest answer to the actions, if one is allowed. */
function readingOf(
  principal: Principal,
  thing: Thing,
  { actions, guardrails }: Asked,
): Reading | [] {
  const { resource, region } = thing
  // Whoever calls through a service does not get to see what it decrypts.
  const known: Record<string, string[]> = {
    'aws:requestedregion': [region],
    'kms:viaservice': [],
    'aws:viaawsservice': ['false'],
  }
  const context = { get: (key: string) => known[key] }
  const answers = actions
    .filter((action) => isNamed(principal, resource, action))
    .map((action) => decide({ principal, action, resource, context, ...guardrails }))
  for (const decision of ['allowed', 'conditional'] as const) {
    const found = answers.find((answer) => answer.decision === decision)
    if (found) return { thing, decision, by: found.by }
  }
  return []
}

/** Most principals are allowed most things by nobody, which need not be decided. */
function isNamed({ identity, ...principal }: Principal, thing: Resource, action: string): boolean {
  const byOwn = identity.some(
    ({ policy }) =>
      !policy || statementsAbout(policy, action).some(({ effect }) => effect === 'Allow'),
  )
  return byOwn || mayGrant(thing, { identity, ...principal }, action)
}

/** One row stands for all where each is answered alike. */
function together(
  found: readonly Reading[],
  things: number,
): { thing_arn: string; decision: Reading['decision']; by: By[] }[] {
  const [first] = found
  if (!first) return []
  const alike = found.every(({ decision }) => decision === first.decision)
  if (found.length === things && things > 1 && alike)
    return [{ thing_arn: '*', decision: first.decision, by: first.by }]
  return found.map(({ thing, decision, by }) => ({ thing_arn: thing.arn, decision, by }))
}
