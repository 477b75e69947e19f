import { destroying } from '../derive/key-powers.derived.ts'
import type { Become } from './become.ts'
import type { FinishedRun } from './finished-run.ts'
import { better, type Loss, strongestFirst } from './losses.ts'
import type { People } from './people.ts'
import { statementsBy } from './statements.ts'

/** A customer managed key that somebody can destroy, or shut everyone out of, and what hangs on it. */
export interface KeyLoss {
  key_arn: string
  account_id: string
  loss: Loss
  data_stores: number
  recovery_points: number
}

/** The keys that somebody can destroy; most recovery points first. */
export async function keyLosses(
  run: FinishedRun,
  people: People,
  all: readonly Become[],
): Promise<KeyLoss[]> {
  const hanging = await hangingOnKeys(run)
  const found: KeyLoss[] = []
  for (const { key_arn, account_id, policy: text } of await run.rows('kms_key_policies')) {
    const arn = String(key_arn)
    const account = String(account_id)
    const policy = people.documents.read(arn, String(text), 'resource')
    let best: Loss | undefined
    for (const { self, decision } of strongestFirst(all)) {
      const { principal } = self
      const resource = { arn, account, policy }
      const answer = destroying(principal, resource, {
        ...people.guardrails(principal.account),
        rcps: people.guardrails(account).rcps,
      })
      if (!answer) continue
      best = better(best, {
        decision: decision === 'allowed' ? answer.decision : 'conditional',
        by: self.id,
        action: answer.action,
        statements: statementsBy(answer.by),
      })
      if (best.decision === 'allowed') break
    }
    const counts = { data_stores: 0, recovery_points: 0, ...hanging.get(arn) }
    if (best) found.push({ key_arn: arn, account_id: account, loss: best, ...counts })
  }
  return found.sort(
    (a, b) => b.recovery_points - a.recovery_points || a.key_arn.localeCompare(b.key_arn),
  )
}

async function hangingOnKeys(run: FinishedRun) {
  const rows = await run.sql(`
    select key_arn, sum(stores) as stores, sum(points) as points
    from (
      select kms_key_arn as key_arn, count(*) as stores, 0 as points from data_stores group by kms_key_arn
      union all
      select effective_key_arn, 0, count(*) from recovery_points group by effective_key_arn
    ) as hanging
    where key_arn is not null
    group by key_arn`)
  return new Map(
    rows.map((row) => [
      String(row.key_arn),
      { data_stores: Number(row.stores), recovery_points: Number(row.points) },
    ]),
  )
}
