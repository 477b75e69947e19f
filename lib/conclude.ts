import { randomBytes } from 'node:crypto'
import type { Answer } from './collect/answer.ts'
import { listAnswers, type RunAnswers } from './collect/run-answers.ts'
import type { Config } from './config/schema.ts'
import {
  derivationPass,
  deriveAccounts,
  isDerived,
  sharedSlices,
} from './derive/derive-accounts.ts'
import { organizationOf } from './derive/organization.ts'
import { loadControls } from './engine/controls.ts'
import { limitsFor, openDuckdb } from './engine/duckdb.ts'
import { scoreRun } from './engine/score.ts'
import { compactRun, computeCoverage } from './lake/compact.ts'
import { openLake } from './lake/lake.ts'
import { refuseLostRows } from './lake/lost-rows.ts'
import { runTables } from './lake/run-tables.ts'
import { namesOf, rowsOf, type Staged } from './lake/staged.ts'
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
  /** Region that is audited from: findings of no Region are published to it. */
  homeRegion?: string
  step?: (name: ConcludingStep) => void
}

/** What follows collecting: derive, reconcile, compact, score and report, from nothing but the answers in the lake and what they name. */
export async function conclude(run: Run, options: ConcludeOptions): Promise<Summary> {
  const { config, clock, step = () => undefined } = options
  const lake = openLake(options.lake)
  const sources = await loadSources()
  const requested = requestedSources(sources, config)
  const controls = chosenControls(loadControls(), config)
  const tables = lakeTables(sources)

  step('derive')
  const collected = await listAnswers(lake, run.run_id)
  const pass = derivationPass(collected.lastPass)
  const asked = await collected.of(run.discovery.caller_account_id)
  await deriveAccounts(collected, {
    shared: sharedSlices(asked, sources.all),
    pass,
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
  const answers = await listAnswers(lake, run.run_id)
  const names = new Set(requested.all.keys())
  const staged = await reconcile({
    lake,
    run,
    config,
    sources: sources.all,
    requested: names,
    controls,
    answers: answersThatCount(answers, { collected, pass }),
  })
  const limits = limitsFor(collectedRows(staged), config.duckdb)
  const engine = await openDuckdb({ lake: lake.root, tables, limits })
  const at = { lake: lake.root, runId: run.run_id }
  try {
    step('compact')
    const counts = await compactRun(engine, {
      ...at,
      tables: inventoryTables(sources),
      staged: namesOf(staged),
      asOf: new Date(run.as_of),
      maxAgeDays: config.evidence_max_age_days,
    })
    await refuseLostRows(engine, { lake: lake.root, counts, staged })
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

/**
 * Account by account what was collected when it was derived, and what was derived of it. What another process has answered since, going on
 * with the same run, is its own to conclude.
 */
async function* answersThatCount(
  answers: RunAnswers,
  { collected, pass }: { collected: RunAnswers; pass: number },
): AsyncGenerator<Answer[]> {
  for (const account of answers.accounts) {
    const all = await answers.of(account)
    yield all.filter((answer) =>
      isDerived(answer.unit) ? answer.pass === pass : collected.has(answer),
    )
  }
}

/** Rows of what was collected and derived; what the run says of itself is left out. */
function collectedRows(staged: Staged): number {
  const tables = [...staged.keys()].filter((table) => !(table in runTables))
  return tables.reduce((sum, table) => sum + rowsOf(staged, table), 0)
}
