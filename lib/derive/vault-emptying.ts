import type { StoredRow } from '../lake/table.ts'
import { decide } from '../policy/decide.ts'
import type { Decision, Document, Principal, Request } from '../policy/types.ts'

/** The action by which what a vault holds is deleted. */
export const DELETE_POINT = 'backup:DeleteRecoveryPoint'
const UNLOCK = 'backup:DeleteBackupVaultLockConfiguration'
const REMOVE_POLICY = ['backup:DeleteBackupVaultAccessPolicy', 'backup:PutBackupVaultAccessPolicy']

/** Whether nobody deletes what a vault holds: it is locked in compliance mode, or air-gapped. */
export function isImmutable({ vault_type, locked, lock_date }: StoredRow, asOf: Date): boolean {
  if ((vault_type ?? 'BACKUP_VAULT') !== 'BACKUP_VAULT') return true
  return locked === true && lock_date instanceof Date && lock_date <= asOf
}

/** A vault, as who would empty it sees it. */
export interface Vault {
  arn: string
  account: string
  locked: boolean
  /** ARNs of what it holds, or of what it might. */
  points: readonly string[]
  policy: Document | null
}

/** How a vault can be emptied. */
export interface Emptying extends Pick<Decision, 'by'> {
  decision: 'allowed' | 'conditional'
  way: 'at once' | 'unlocked'
}

/** How a principal can delete what a vault holds: as things stand, or once it has taken off what stands in its way. */
export function emptying(
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
  const bare = may(DELETE_POINT, points, null)
  if (weakest(bare).decision === 'denied') return undefined
  const through = (policy: Document | null) =>
    weakest([...may(DELETE_POINT, points, policy), ...(locked ? may(UNLOCK, [arn], policy) : [])])
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
