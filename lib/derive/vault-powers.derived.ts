import { defineTable, string } from '../lake/table.ts'
import { openDocuments } from '../policy/documents.ts'
import { examplesOf } from '../policy/examples.ts'
import { defineDerivation } from './derivation.ts'
import { guardrailTables, iamTables, readGuardrails, readPrincipals, statementsOf } from './iam.ts'
import { examplesIn } from './recovery-points.ts'
import { DELETE_POINT, emptying, isImmutable } from './vault-emptying.ts'

const tables = {
  vault_powers: defineTable(
    'Who can delete the recovery points of a vault, its lock and its access policy considered, one row for each principal and vault; who cannot has no row.',
    {
      principal_arn: string('ARN of the user or role.'),
      vault_arn: string('ARN of the vault.'),
      decision: string('`allowed`, or `conditional`: it hangs on what only a real request tells.'),
      way: string(
        '`at once`, or `unlocked`: once the lock or the policy, which it can take off, is gone.',
      ),
      statements: string('Documents and statements that allow it, as a JSON array.'),
    },
  ),
}

/** Who can empty which vault. */
export default defineDerivation({
  service: 'derive',
  scope: 'account',
  reads: [
    ...iamTables,
    ...guardrailTables,
    'backup_vaults',
    'backup_vault_policies',
    'recovery_points',
  ],
  tables,
  derive(cell) {
    cell.needsOfEach('vault_powers', [...iamTables, ...guardrailTables])
    cell.needsOfEach('vault_powers', ['backup_vaults', 'backup_vault_policies', 'recovery_points'])
    const documents = openDocuments()
    const guardrails = readGuardrails(cell, documents)
    const principals = readPrincipals(cell, documents)
      .map(({ principal }) => principal)
      .filter(({ kind }) => kind !== 'service_linked_role')
    const policies = new Map(
      cell.rows('backup_vault_policies').map((row) => [row.vault_arn, String(row.policy)]),
    )
    const points = Map.groupBy(cell.rows('recovery_points'), ({ vault_arn }) => vault_arn)
    for (const row of cell.rows('backup_vaults').filter((one) => !isImmutable(one, cell.asOf))) {
      const arn = String(row.arn)
      const text = policies.get(row.arn)
      const policy = text === undefined ? null : documents.read(arn, text, 'resource')
      const place = {
        account: cell.accountId,
        partition: cell.partition,
        region: String(row.region),
      }
      const held = examplesIn(points.get(row.arn) ?? [], policy, DELETE_POINT)
      const vault = {
        arn,
        account: cell.accountId,
        locked: row.locked === true,
        points: held.length > 0 ? held : examplesOf(DELETE_POINT, place),
        policy,
      }
      for (const principal of principals) {
        const answer = emptying(principal, vault, guardrails)
        if (answer) {
          const { decision, way, by } = answer
          const statements = statementsOf(by)
          cell.put('vault_powers', {
            principal_arn: principal.arn,
            vault_arn: arn,
            decision,
            way,
            statements,
          })
        }
      }
    }
  },
})
