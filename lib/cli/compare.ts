import { stringify } from 'csv-stringify/sync'
import type { FailOn } from '../config/fail-on.ts'
import { loadConfig } from '../config/load.ts'
import { openDuckdb } from '../engine/duckdb.ts'
import type { Engine } from '../engine/engine.ts'
import { readRunOf } from '../report/ask-run.ts'
import { type Diff, type Difference, diffOf } from '../report/diff.ts'
import { renderDiff } from '../report/diff-terminal.ts'
import { grid, visible } from '../report/grid.ts'
import type { TrendPoint } from '../report/page-data.ts'
import { scopeOf } from '../report/scope.ts'
import { damagedLine } from '../report/terminal.ts'
import { trendOf } from '../report/trend.ts'
import { unitNames } from '../report/unit-names.ts'
import { loadTables } from '../sources.ts'
import { UsageError } from '../usage-error.ts'
import { concluded } from './conclude.ts'
import { completeRuns, newestRun } from './newest-run.ts'
import type { ExitCode, Output } from './output.ts'

export interface DiffFlags {
  /** The configuration's lake when undefined. */
  lake?: string
  /** A configuration file, for the lake and the thresholds. */
  config?: string
  /** The run that is compared with; the one before the later when undefined. */
  earlier?: string
  /** The newest complete run when undefined. */
  later?: string
  format: 'table' | 'csv' | 'json'
  /** Every finding that changed, in a table too. */
  all: boolean
  failOn?: FailOn
}

/** Findings of each kind of change that a table shows without `--all`. */
const SHOWN = 15

/** `strongroom diff`: what became of each finding from one run to another. Ends with 1 where `--fail-on` is met by what is new. */
export async function runDiff(flags: DiffFlags, output: Output): Promise<ExitCode> {
  const { lake, fail_on } = await loadConfig(flags.config, {
    lake: flags.lake,
    fail_on: flags.failOn,
  })
  const [earlier, later] = await chosenRuns(lake, flags)
  const diff = await asking(lake, (engine) => diffOf(engine, earlier, later))
  output.print(formatDiff(diff, flags, output))
  const failures = diff.differences
    .filter(failsAnew)
    .map(({ family, severity }) => ({ family, severity, fail: 1 }))
  return concluded(fail_on, failures, output)
}

async function chosenRuns(lake: string, { earlier, later }: DiffFlags): Promise<[string, string]> {
  if (earlier !== undefined && later !== undefined) return [earlier, later]
  const [newest, before] = await completeRuns(lake)
  if (earlier !== undefined && newest !== undefined) return [earlier, newest]
  if (newest === undefined || before === undefined) {
    throw new UsageError(`${lake} has fewer than two complete runs: there is nothing to compare`)
  }
  return [before, newest]
}

function formatDiff(diff: Diff, flags: DiffFlags, { width, colour }: Output): string {
  if (flags.format === 'json') return `${JSON.stringify(diff, undefined, 2)}\n`
  if (flags.format === 'csv') {
    return stringify(diff.differences, { header: true, escape_formulas: true })
  }
  const shown = flags.all ? diff.differences.length : SHOWN
  return renderDiff(diff, { width, colour, shown })
}

function failsAnew({ change, after }: Difference): boolean {
  return change === 'newly_failing' || (change === 'appeared' && after === 'fail')
}

export interface TrendFlags {
  lake: string
  account?: string
  ou?: string
  format: 'table' | 'csv' | 'json'
}

/** `strongroom trend`: how the score went from run to run, of the organization or of an account or OU. */
export async function runTrend(flags: TrendFlags, output: Output): Promise<ExitCode> {
  const scope = scopeOf(flags)
  const newest = await newestRun(flags.lake)
  let named: string | undefined
  const points = await asking(flags.lake, async (engine) => {
    const asked = await trendOf(engine, newest, scope)
    for (const { file, reason } of engine.leftOut?.() ?? []) output.note(damagedLine(file, reason))
    if (scope.kind === 'ou' && flags.format === 'table') {
      const run = await readRunOf(engine, newest, { tables: await loadTables() })
      named = (await unitNames(run)).get(scope.id)
    }
    return asked
  })
  if (points.length === 0) {
    throw new UsageError(`no run of ${flags.lake} has a score of ${scope.kind} ${scope.id}`)
  }
  if (named !== undefined) output.print(`${visible(named)} (${scope.id})\n`)
  output.print(formatTrend(points, flags.format, output.width))
  return 0
}

function formatTrend(points: TrendPoint[], format: TrendFlags['format'], width: number): string {
  if (format === 'json') return `${JSON.stringify(points, undefined, 2)}\n`
  if (format === 'csv') return stringify(points, { header: true })
  const table = grid([26, 8, 14, 9, 7, 8, 20], Math.max(60, width))
  table.push(['run', 'score', 'bounds', 'coverage', 'fail', 'unknown', ''])
  for (const point of points) {
    table.push([
      point.run_id,
      percent(point.value),
      `${percent(point.low)}–${percent(point.high)}`,
      percent(point.coverage),
      String(point.fail),
      String(point.unknown),
      point.value === null ? '' : '█'.repeat(Math.round(point.value * 20)),
    ])
  }
  return `${table.toString()}\n`
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)}%`
}

async function asking<T>(lake: string, question: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openDuckdb({ lake, tables: await loadTables() })
  try {
    return await question(engine)
  } finally {
    engine.close()
  }
}
