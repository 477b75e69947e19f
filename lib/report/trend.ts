import type { Engine } from '../engine/engine.ts'
import { literal } from '../engine/engine.ts'
import { checkRunId } from '../engine/render.ts'
import type { Scope, TrendPoint } from './page-data.ts'
import { share, text } from './values.ts'

/** At most this many runs are shown. */
const MAX_RUNS = 200

/**
 * How the score of a scope went from run to run, up to this one. Runs that covered a part only are left out, and
 * those whose files cannot be read (see Engine.leftOut).
 */
export async function trendOf(engine: Engine, runId: string, scope: Scope): Promise<TrendPoint[]> {
  const { readableTable } = engine.dialect
  const group = scope.kind === 'organization' ? 'organization' : scope.id
  const { rows } = await engine.query(`
    select s.run_id, t.as_of, s.value, s.low, s.high, s.coverage, s.failed, s.unknown
    from ${readableTable('scores')} as s
    join ${readableTable('settings')} as t on t.run_id = s.run_id
    where s.group_type = ${literal(scope.kind)} and s.group_id = ${literal(group)}
      and s.run_id <= ${literal(checkRunId(runId))}
      and (t.scope_complete or s.run_id = ${literal(runId)})
    order by s.run_id desc limit ${MAX_RUNS}`)
  return rows.reverse().map((row) => ({
    run_id: text(row.run_id),
    as_of: text(row.as_of),
    value: share(row.value),
    low: share(row.low),
    high: share(row.high),
    coverage: share(row.coverage),
    fail: Number(row.failed),
    unknown: Number(row.unknown),
  }))
}
