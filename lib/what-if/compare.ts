import { join, resolve } from 'node:path'
import { openDuckdb } from '../engine/duckdb.ts'
import { type Engine, literal, type Value } from '../engine/engine.ts'
import type { Table } from '../lake/table.ts'
import type { Score } from '../report/summary.ts'
import { share, text, textOrNull } from '../report/values.ts'

/** A judgement that would be another. Null: there would be, or is, none. */
export interface FindingChange {
  control_id: string
  severity: string
  account_id: string
  region: string
  resource_arn: string
  before: string | null
  after: string | null
  reason_before: string | null
  reason_after: string | null
}

/** The score of a group as it is and as it would be. */
export interface ScoreChange {
  id: string
  before: Score
  after: Score
}

export interface Comparison {
  score: ScoreChange
  /** Only those that would change. */
  controls: ScoreChange[]
  accounts: ScoreChange[]
  changes: FindingChange[]
}

/** Holds the findings and scores of a run in two lakes against each other. */
export async function compareRuns(
  { before, after }: { before: string; after: string },
  { runId, tables }: { runId: string; tables: Record<string, Table> },
): Promise<Comparison> {
  const engine = await openDuckdb({ lake: after, tables })
  try {
    const scores = await changedScores(engine, { before, runId })
    const of = (group: string) =>
      scores.filter(({ type }) => type === group).map(({ change }) => change)
    const [whole] = of('organization')
    if (!whole) throw new Error(`the run ${runId} has no score`)
    return {
      score: whole,
      controls: of('control').filter(differs),
      accounts: of('account').filter(differs),
      changes: await changedFindings(engine, { before, runId }),
    }
  } finally {
    engine.close()
  }
}

interface At {
  before: string
  runId: string
}

async function changedFindings(engine: Engine, { before, runId }: At): Promise<FindingChange[]> {
  const files = join(
    resolve(before),
    'findings',
    `run_id=${runId}`,
    'control_id=*',
    '*',
    '*.parquet',
  )
  const { rows } = await engine.query(`
    with b as (
      select * from read_parquet(${literal(files)}, union_by_name = true, hive_partitioning = true,
        hive_types = {run_id: varchar, control_id: varchar})
    ), a as (
      select * from lake.findings where run_id = ${literal(runId)}
    )
    select coalesce(a.control_id, b.control_id) as control_id, coalesce(a.severity, b.severity) as severity,
      coalesce(a.account_id, b.account_id) as account_id, coalesce(a.region, b.region) as region,
      coalesce(a.resource_arn, b.resource_arn) as resource_arn, b.status as before, a.status as after,
      b.reason as reason_before, a.reason as reason_after
    from b full outer join a on a.finding_id = b.finding_id
    where a.status is distinct from b.status
    order by control_id, account_id, region, resource_arn`)
  return rows.map((row) => ({
    control_id: text(row.control_id),
    severity: text(row.severity),
    account_id: text(row.account_id),
    region: text(row.region),
    resource_arn: text(row.resource_arn),
    before: textOrNull(row.before),
    after: textOrNull(row.after),
    reason_before: textOrNull(row.reason_before),
    reason_after: textOrNull(row.reason_after),
  }))
}

async function changedScores(engine: Engine, { before, runId }: At) {
  const files = join(resolve(before), 'scores', `run_id=${runId}`, '*.parquet')
  const { rows } = await engine.query(`
    select a.group_type, a.group_id, b.value as value_before, b.low as low_before, b.high as high_before,
      a.value as value_after, a.low as low_after, a.high as high_after
    from lake.scores as a
    join read_parquet(${literal(files)}, hive_partitioning = false) as b
      on b.group_type = a.group_type and b.group_id = a.group_id
    where a.run_id = ${literal(runId)} and a.group_type in ('organization', 'control', 'account')
    order by a.group_type, a.group_id`)
  return rows.map((row) => ({
    type: text(row.group_type),
    change: {
      id: text(row.group_id),
      before: scoreOf(row, 'before'),
      after: scoreOf(row, 'after'),
    },
  }))
}

function scoreOf(row: Record<string, Value>, when: 'before' | 'after'): Score {
  return {
    value: share(row[`value_${when}`]),
    low: share(row[`low_${when}`]),
    high: share(row[`high_${when}`]),
  }
}

function differs({ before, after }: ScoreChange): boolean {
  return (['value', 'low', 'high'] as const).some((key) => before[key] !== after[key])
}
