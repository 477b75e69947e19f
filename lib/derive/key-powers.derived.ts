import { defineTable, string } from '../lake/table.ts'
import { decide } from '../policy/decide.ts'
import { openDocuments } from '../policy/documents.ts'
import type { Decision, Document, Principal, Request } from '../policy/types.ts'
import { defineDerivation } from './derivation.ts'
import { guardrailTables, iamTables, readGuardrails, readPrincipals, statementsOf } from './iam.ts'

const tables = {
  key_powers: defineTable(
    'Who can destroy a customer managed key or shut everyone out of it, its policy considered, one row for each principal and key; who cannot has no row.',
    {
      principal_arn: string('ARN of the user or role.'),
      key_arn: string('ARN of the key.'),
      decision: string('`allowed`, or `conditional`: it hangs on what only a real request tells.'),
      action: string('The action that is allowed, such as `kms:ScheduleKeyDeletion`.'),
      statements: string('Documents and statements that allow it, as a JSON array.'),
    },
  ),
}

/** Each of them is enough to lose what is under a key. */
const DESTROYING = [
  'kms:ScheduleKeyDeletion',
  'kms:DisableKey',
  'kms:PutKeyPolicy',
  'kms:DeleteImportedKeyMaterial',
]

/** Who can destroy which key. */
export default defineDerivation({
  service: 'derive',
  scope: 'account',
  reads: [...iamTables, ...guardrailTables, 'kms_key_policies'],
  tables,
  derive(cell) {
    cell.needsOfEach('key_powers', [...iamTables, ...guardrailTables, 'kms_key_policies'])
    const documents = openDocuments()
    const guardrails = readGuardrails(cell, documents)
    const principals = readPrincipals(cell, documents)
      .map(({ principal }) => principal)
      .filter(({ kind }) => kind !== 'service_linked_role')
    for (const { key_arn, policy: text } of cell.rows('kms_key_policies')) {
      const arn = String(key_arn)
      const policy = documents.read(arn, String(text), 'resource')
      for (const principal of principals) {
        const answer = destroying(principal, { arn, account: cell.accountId, policy }, guardrails)
        if (!answer) continue
        const { action, decision, by } = answer
        const row = { principal_arn: principal.arn, key_arn: arn, decision, action }
        cell.put('key_powers', { ...row, statements: statementsOf(by) })
      }
    }
  },
})

/** The first action of the strongest kind that a principal may do to a key. */
export function destroying(
  principal: Principal,
  resource: { arn: string; account: string; policy: Document },
  guardrails: Pick<Request, 'scps' | 'rcps' | 'organization'>,
): { action: string; decision: 'allowed' | 'conditional'; by: Decision['by'] } | undefined {
  const answers = DESTROYING.map((action) => ({
    action,
    ...decide({ principal, action, resource, ...guardrails }),
  }))
  for (const decision of ['allowed', 'conditional'] as const) {
    const found = answers.find((answer) => answer.decision === decision)
    if (found) return { action: found.action, decision, by: found.by }
  }
  return undefined
}
