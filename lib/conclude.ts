import { randomBytes } from 'node:crypto'
import type { Answer } from './collect/answer.ts'
import type { Collector } from './collectors/collector.ts'
import { loadCollectors } from './collectors/load.ts'
import type { Config } from './config/schema.ts'
import { loadControls } from './engine/controls.ts'
import { openDuckdb } from './engine/duckdb.ts'
import { scoreRun } from './engine/score.ts'
import { compactRun, computeCoverage } from './lake/compact.ts'
import { openLake } from './lake/lake.ts'
import { resultTables, runTables } from './lake/run-tables.ts'
import type { Table } from './lake/table.ts'
import { reconcile } from './reconcile.ts'
import type { Summary } from './report/summary.ts'
import { writeReport } from './report/write-report.ts'
import type { Run } from './run.ts'
import { chosenControls, requestedCollectors } from './scope.ts'

export type ConcludingStep = 'reconcile' | 'compact' | 'score' | 'report'

export interface ConcludeOptions {
  config: Config
  lake: string
  clock: () => Date
  answers: Answer[]
  step?: (name: ConcludingStep) => void
}

/** What follows collecting: reconcile, compact, score and report, from nothing but the answers and what they name. */
export async function conclude(run: Run, options: ConcludeOptions): Promise<Summary> {
  const { config, clock, answers, step = () => undefined } = options
  const lake = openLake(options.lake)
  const collectors = await loadCollectors()
  const requested = new Set(requestedCollectors(collectors, config).keys())
  const controls = chosenControls(loadControls(), config)
  const tables = tablesOf(collectors)

  step('reconcile')
  const staged = await reconcile({ lake, run, config, collectors, requested, controls, answers })
  const engine = await openDuckdb({ lake: lake.root, tables })
  const at = { lake: lake.root, runId: run.run_id }
  try {
    step('compact')
    await compactRun(engine, {
      ...at,
      tables: inventoryTablesOf(collectors),
      staged,
      asOf: new Date(run.as_of),
      maxAgeDays: config.evidence_max_age_days,
    })
    await computeCoverage(engine, { ...at, tables })
    step('score')
    const attempt = randomBytes(4).toString('hex')
    await scoreRun(engine, { ...at, tables, controls, attempt })
    step('report')
    return await writeReport(engine, {
      ...at,
      discoveryCalls: run.discovery_calls,
      startedAt: new Date(run.started_at),
      finishedAt: clock(),
    })
  } finally {
    engine.close()
  }
}

/** Every table of a lake: the collectors' and the run's own, findings and scores included. */
export function tablesOf(collectors: Map<string, Collector>): Record<string, Table> {
  return { ...inventoryTablesOf(collectors), ...resultTables }
}

function inventoryTablesOf(collectors: Map<string, Collector>): Record<string, Table> {
  const collected = [...collectors.values()].map((collector) => collector.tables)
  return Object.assign({}, ...collected, runTables)
}
