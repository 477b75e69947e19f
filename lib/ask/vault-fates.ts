import { examplesIn } from '../derive/recovery-points.ts'
import { DELETE_POINT, emptying, isImmutable } from '../derive/vault-emptying.ts'
import type { StoredRow } from '../lake/table.ts'
import { decide } from '../policy/decide.ts'
import { examplesOf } from '../policy/examples.ts'
import type { Document } from '../policy/types.ts'
import type { Become } from './become.ts'
import type { FinishedRun } from './finished-run.ts'
import { better, type Loss, strongestFirst } from './losses.ts'
import type { People } from './people.ts'
import { statementsBy } from './statements.ts'

/** What becomes of what a vault holds. */
export interface VaultFate {
  vault_arn: string
  account_id: string
  region: string
  recovery_points: number
  loss: Loss | null
  /** Why nobody of them deletes it; null where somebody does. */
  kept: string | null
}

/** What becomes of every vault of the run, and why. */
export async function vaultFates(
  run: FinishedRun,
  people: People,
  becomes: readonly Become[],
): Promise<Map<string, VaultFate>> {
  const policies = await readPolicies(run, people)
  const points = await run.sql('select arn, vault_arn from recovery_points')
  const held = Map.groupBy(points as StoredRow[], ({ vault_arn }) => String(vault_arn))
  const byAccount = Map.groupBy(strongestFirst(becomes), ({ self }) => self.principal.account)
  const fates = new Map<string, VaultFate>()
  for (const row of await run.rows('backup_vaults')) {
    const arn = String(row.arn)
    const own = byAccount.get(String(row.account_id)) ?? []
    const points = held.get(arn) ?? []
    const fate = fateOf(run, { row, policy: policies(row), points, becomes: own }, people)
    const recovery_points = points.length
    const place = { vault_arn: arn, account_id: String(row.account_id), region: String(row.region) }
    fates.set(arn, { ...place, recovery_points, ...fate })
  }
  return fates
}

/** The policy of a vault: null where it has none, without a meaning where it was not read. */
async function readPolicies(
  run: FinishedRun,
  { documents }: People,
): Promise<(vault: StoredRow) => Document | null> {
  const texts = new Map(
    (await run.rows('backup_vault_policies')).map((row) => [row.vault_arn, String(row.policy)]),
  )
  const gaps = await run.sql(`
    select resource_arn as missing from gaps
    where table_name = 'backup_vault_policies' and resource_arn is not null
    union all
    select account_id || ' ' || region from table_coverage
    where table_name = 'backup_vault_policies' and status = 'unread'`)
  const missing = new Set(gaps.map((row) => row.missing))
  return ({ arn, account_id, region }) => {
    const text = texts.get(arn)
    if (text !== undefined) return documents.read(String(arn), text, 'resource')
    const unread = missing.has(String(arn)) || missing.has(`${account_id} ${region}`)
    return unread ? documents.read(String(arn), undefined, 'resource') : null
  }
}

interface Question {
  row: StoredRow
  policy: Document | null
  points: readonly StoredRow[]
  /** Those of the vault's account. */
  becomes: readonly Become[]
}

function fateOf(
  run: FinishedRun,
  { row, policy, points, becomes }: Question,
  people: People,
): Pick<VaultFate, 'loss' | 'kept'> {
  if (isImmutable(row, run.asOf)) {
    const plain = (row.vault_type ?? 'BACKUP_VAULT') === 'BACKUP_VAULT'
    return { loss: null, kept: plain ? 'locked in compliance mode' : 'in an air-gapped vault' }
  }
  if (becomes.length === 0) return { loss: null, kept: 'in an account that it does not reach' }
  const account = String(row.account_id)
  const place = { account, region: String(row.region), partition: run.partition }
  const held = examplesIn(points, policy, DELETE_POINT)
  const asked = held.length > 0 ? held : examplesOf(DELETE_POINT, place)
  const vault = {
    arn: String(row.arn),
    account,
    locked: row.locked === true,
    points: asked,
    policy,
  }
  const guardrails = people.guardrails(account)
  let best: Loss | undefined
  for (const { self, decision } of becomes) {
    const answer = emptying(self.principal, vault, guardrails)
    if (!answer) continue
    best = better(best, {
      decision: decision === 'allowed' ? answer.decision : 'conditional',
      by: self.id,
      action: DELETE_POINT,
      statements: statementsBy(answer.by),
    })
    if (best.decision === 'allowed') break
  }
  if (best) return { loss: best, kept: null }
  const [example = ''] = asked
  return { loss: null, kept: whyKept(becomes, { arn: example, account }, people) }
}

/** What stands in the way of the one who gets farthest. */
function whyKept(
  becomes: readonly Become[],
  { arn, account }: { arn: string; account: string },
  people: People,
): string {
  const answers = becomes.map(({ self: { principal } }) =>
    decide({
      ...people.guardrails(account),
      principal,
      action: DELETE_POINT,
      resource: { arn, account, policy: null },
    }),
  )
  if (answers.some(({ decision }) => decision !== 'denied'))
    return 'kept by the policy or the lock of its vault, which it cannot take off'
  const byScp = answers.find(({ at }) => at === 'scp')
  const names = byScp ? statementsBy(byScp.by).join(', ') : ''
  if (byScp) return `kept by a service control policy${names ? `: ${names}` : ''}`
  return answers.some(({ at }) => at === 'boundary')
    ? 'kept by a permissions boundary'
    : 'not permitted to it'
}
