import type { StoredRow } from '../lake/table.ts'
import { defineTable, string } from '../lake/table.ts'
import { decide } from '../policy/decide.ts'
import { openDocuments } from '../policy/documents.ts'
import { examplesOf } from '../policy/examples.ts'
import type { Decision, Document, Principal, Request } from '../policy/types.ts'
import { defineDerivation } from './derivation.ts'
import { guardrailTables, iamTables, readGuardrails, readPrincipals, statementsOf } from './iam.ts'
import { examplesIn } from './recovery-points.ts'

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

const DELETE = 'backup:DeleteRecoveryPoint'
const UNLOCK = 'backup:DeleteBackupVaultLockConfiguration'
const REMOVE_POLICY = ['backup:DeleteBackupVaultAccessPolicy', 'backup:PutBackupVaultAccessPolicy']

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
      const held = examplesIn(points.get(row.arn) ?? [], policy, DELETE)
      const vault = {
        arn,
        account: cell.accountId,
        locked: row.locked === true,
        points: held.length > 0 ? held : examplesOf(DELETE, place),
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

/** Whether nobody deletes what a vault holds: it is locked in compliance mode, or air-gapped. */
function isImmutable({ vault_type, locked, lock_date }: StoredRow, asOf: Date): boolean {
  if ((vault_type ?? 'BACKUP_VAULT') !== 'BACKUP_VAULT') return true
  return locked === true && lock_date instanceof Date && lock_date <= asOf
}

interface Vault {
  arn: string
  account: string
  locked: boolean
  /** ARNs of what it holds, or of what it might. */
  points: readonly string[]
  policy: Document | null
}

interface Emptying extends Pick<Decision, 'by'> {
  decision: 'allowed' | 'conditional'
  way: 'at once' | 'unlocked'
}

/** How a principal can delete what a vault holds: as things stand, or once it has taken off what stands in its way. */
function emptying(
  principal: Principal,
  vault: Vault,
  guardrails: Pick<Request, 'scps' | 'organization'>,
): Emptying | undefined {
  const { arn, account, points, locked } = vault
  const { scps, organization } = guardrails
  const may = (action: string, resources: readonly string[], policy: Document | null): Decision[] =>
    resources.map((one) =>
      decide({ principal, action, resource: { arn: one, account, policy }, scps, organization }),
    )
  const bare = may(DELETE, points, null)
  if (weakest(bare).decision === 'denied') return undefined
  const through = (policy: Document | null) =>
    weakest([...may(DELETE, points, policy), ...(locked ? may(UNLOCK, [arn], policy) : [])])
  const ways: { answer: Decision; way: Emptying['way'] }[] = [
    { answer: through(vault.policy), way: locked ? 'unlocked' : 'at once' },
  ]
  if (vault.policy) {
    const removed = REMOVE_POLICY.map((action) =>
      weakest([...may(action, [arn], vault.policy), through(null)]),
    )
    ways.push(...removed.map((answer) => ({ answer, way: 'unlocked' as const })))
  }
  const best = ['allowed', 'conditional'].flatMap((decision) =>
    ways.filter(({ answer }) => answer.decision === decision),
  )[0]
  if (!best || best.answer.decision === 'denied') return undefined
  return { decision: best.answer.decision, way: best.way, by: best.answer.by }
}

const strength: Decision['decision'][] = ['denied', 'conditional', 'allowed']

/** What needs several permissions is as strong as the weakest; it rests on all of them. */
function weakest(answers: readonly Decision[]): Decision {
  const [first, ...others] = answers.toSorted(
    (a, b) => strength.indexOf(a.decision) - strength.indexOf(b.decision),
  )
  if (!first) throw new Error('nothing was asked')
  return { ...first, by: [first, ...others].flatMap(({ by }) => by) }
}
