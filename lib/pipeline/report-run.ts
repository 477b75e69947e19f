import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../engine/engine.ts'
import { literal } from '../engine/engine.ts'
import { DuplicateFindingError } from '../engine/score.ts'
import type { Lake } from '../lake/lake.ts'
import { asffOptions } from '../report/asff-options.ts'
import type { Summary } from '../report/summary.ts'
import { writeReport } from '../report/write-report.ts'
import { loadTables } from '../sources.ts'
import { METRICS } from './environment.ts'
import type { Completed } from './payloads.ts'
import { openRun, readIfThere } from './run-files.ts'

export interface ReportOptions {
  lake: Lake
  engine: Engine
  clock: () => Date
  /** Region that findings without a Region are reported in, where the configuration names none. */
  homeRegion?: string | undefined
  /** A folder of the worker's own. */
  folder: string
  /** Takes the run's figures for the metrics. */
  measure(metrics: Record<string, number>): void
}

/** The last whole run over the whole scope: what the next one is compared with. */
const LATEST = 'reports/latest.json'

/**
 * Writes the run's report, from what Athena judged.
 * @throws DuplicateFindingError where two findings have one id
 */
export async function reportRun(runId: string, options: ReportOptions): Promise<Completed> {
  const { lake, engine, clock, folder, measure } = options
  const { run, config } = await openRun(lake, runId)
  await refuseDuplicates(engine, runId)
  const tables = await loadTables()
  const summary = await writeReport(engine, {
    lake: folder,
    runId,
    tables,
    discoveryCalls: run.discovery_calls,
    startedAt: new Date(run.started_at),
    finishedAt: clock(),
    asff: asffOptions(run, { config, tables, homeRegion: options.homeRegion }),
  })
  const report = `reports/${runId}`
  for (const entry of await readdir(join(folder, report), {
    recursive: true,
    withFileTypes: true,
  })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) await lake.upload(path.slice(folder.length + 1), path)
  }
  const completed = describe(summary, {
    scope_complete: run.scope_complete,
    report: lake.path(report),
  })
  if (run.scope_complete) {
    // Before the pointer moves: an attempt that dies between the two is made again, and measures the same.
    measure(metricsOf(summary, await readLatest(lake)))
    await lake.write(LATEST, JSON.stringify(completed))
  }
  return completed
}

async function refuseDuplicates(engine: Engine, runId: string): Promise<void> {
  const { rows } = await engine.query(
    `select control_id, finding_id, min(resource_arn) as resource_arn, count(*) as times
from ${engine.dialect.runTable('findings', runId)} where run_id = ${literal(runId)}
group by control_id, finding_id having count(*) > 1 order by control_id, finding_id limit 1`,
  )
  const [row] = rows
  if (!row) return
  throw new DuplicateFindingError(
    `control ${row.control_id} judges ${row.resource_arn} ${row.times} times: finding ${row.finding_id}`,
  )
}

function describe(
  summary: Summary,
  { scope_complete, report }: Pick<Completed, 'scope_complete' | 'report'>,
): Completed {
  const { run_id, as_of, accounts, coverage, score, findings } = summary
  return { run_id, as_of, scope_complete, accounts, coverage, score, findings, report }
}

function metricsOf(summary: Summary, before: Completed | undefined): Record<string, number> {
  const { value } = summary.score
  const earlier = before?.run_id === summary.run_id ? null : (before?.score.value ?? null)
  return {
    [METRICS.coverage]: summary.coverage ?? 0,
    [METRICS.failed]: summary.findings.fail,
    [METRICS.unknown]: summary.findings.unknown,
    [METRICS.throttles]: summary.throttles,
    ...(value === null ? {} : { [METRICS.score]: value }),
    ...(value === null || earlier === null
      ? {}
      : { [METRICS.scoreDrop]: Math.max(0, earlier - value) }),
  }
}

async function readLatest(lake: Lake): Promise<Completed | undefined> {
  const text = await readIfThere(lake, LATEST)
  return text === undefined ? undefined : JSON.parse(text)
}
