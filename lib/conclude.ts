import { randomBytes } from 'node:crypto'
import { type Answer, slicesThatCount } from './collect/answer.ts'
import type { Config } from './config/schema.ts'
import { deriveAccounts, isDerived } from './derive/derive-accounts.ts'
import { organizationOf } from './derive/organization.ts'
import { loadControls } from './engine/controls.ts'
import { limitsFor, openDuckdb } from './engine/duckdb.ts'
import { scoreRun } from './engine/score.ts'
import { compactRun, computeCoverage } from './lake/compact.ts'
import { openLake } from './lake/lake.ts'
import { refuseLostRows } from './lake/lost-rows.ts'
import { reconcile } from './reconcile.ts'
import { asffOptions } from './report/asff-options.ts'
import type { Summary } from './report/summary.ts'
import { writeReport } from './report/write-report.ts'
import type { Run } from './run.ts'
import { chosenControls } from './scope.ts'
import { inventoryTables, lakeTables, loadSources, requestedSources } from './sources.ts'

export type ConcludingStep = 'derive' | 'reconcile' | 'compact' | 'score' | 'report'

export interface ConcludeOptions {
  config: Config
  lake: string
  clock: () => Date
  answers: Answer[]
  /** Region that is audited from: findings of no Region are published to it. */
  homeRegion?: string
  step?: (name: ConcludingStep) => void
}

/** What follows collecting: derive, reconcile, compact, score and report, from nothing but the answers and what they name. */
export async function conclude(run: Run, options: ConcludeOptions): Promise<Summary> {
  const { config, clock, step = () => undefined } = options
  const lake = openLake(options.lake)
  const sources = await loadSources()
  const requested = requestedSources(sources, config)
  const controls = chosenControls(loadControls(), config)
  const tables = lakeTables(sources)

  step('derive')
  const derived = await deriveAccounts(options.answers, {
    runId: run.run_id,
    asOf: new Date(run.as_of),
    partition: run.discovery.partition,
    regions: run.discovery.regions,
    config,
    organization: organizationOf(run.discovery),
    lake,
    collectors: sources.all,
    derivations: requested.derivations,
    clock,
  })
  step('reconcile')
  const collected = options.answers.filter(({ unit }) => !isDerived(unit))
  const answers = [...collected, ...derived]
  const names = new Set(requested.all.keys())
  const staged = await reconcile({
    lake,
    run,
    config,
    sources: sources.all,
    requested: names,
    controls,
    answers,
  })
  const limits = limitsFor(rowsOf(answers), config.duckdb)
  const engine = await openDuckdb({ lake: lake.root, tables, limits })
  const at = { lake: lake.root, runId: run.run_id }
  try {
    step('compact')
    const counts = await compactRun(engine, {
      ...at,
      tables: inventoryTables(sources),
      staged,
      asOf: new Date(run.as_of),
      maxAgeDays: config.evidence_max_age_days,
    })
    const slices = slicesThatCount(answers)
    await refuseLostRows(engine, { lake: lake.root, counts, slices })
    await computeCoverage(engine, { ...at, tables })
    step('score')
    const attempt = randomBytes(4).toString('hex')
    await scoreRun(engine, { ...at, tables, controls, attempt })
    step('report')
    return await writeReport(engine, {
      ...at,
      tables,
      discoveryCalls: run.discovery_calls,
      startedAt: new Date(run.started_at),
      finishedAt: clock(),
      asff: asffOptions(run, { config, tables, homeRegion: options.homeRegion }),
    })
  } finally {
    engine.close()
  }
}

function rowsOf(answers: Answer[]): number {
  const counts = answers.flatMap(({ slices }) => slices.flatMap(({ rows }) => Object.values(rows)))
  return counts.reduce((sum, count) => sum + count, 0)
}
