import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Table } from '../lake/table.ts'
import { type Control, loadViews, queriesFolder } from './controls.ts'
import { type Engine, literal } from './engine.ts'
import { checkRunId, type Library, openLibrary, renderControl, renderForRun } from './render.ts'
import { valuesSql } from './values.ts'
import { WrittenFindings } from './written-findings.ts'

export { DuplicateFindingError } from './written-findings.ts'

/** What to score, and where. */
export interface ScoreOptions {
  /** Root of the lake. */
  lake: string
  runId: string
  controls: Control[]
  /** Every table that controls may read, run tables, findings and scores included. */
  tables: Record<string, Table>
  /** Names this attempt's objects; the partition holds the attempt that succeeded. */
  attempt: string
}

/** How many findings and scores a run has. */
export interface ScoreCounts {
  findings: number
  scores: number
}

/** Runs every control over a compacted run and rolls the findings up. */
export async function scoreRun(engine: Engine, options: ScoreOptions): Promise<ScoreCounts> {
  const { lake, attempt } = options
  const runId = checkRunId(options.runId)
  if (!/^[\w-]+$/.test(attempt)) throw new Error(`not an attempt: ${JSON.stringify(attempt)}`)
  const library = await openLibrary(engine, options.tables, loadViews())
  const queries = join(lake, 'runs', runId, 'queries.jsonl')
  await mkdir(join(lake, 'runs', runId), { recursive: true })
  await writeFile(queries, '')
  const findings = new WrittenFindings(engine, options)
  for (const control of options.controls) {
    const sql = await renderControl(engine, library, runId, control)
    await appendFile(queries, `${JSON.stringify({ control_id: control.id, attempt, sql })}\n`)
    await findings.write(control.id, sql)
  }
  await findings.settle()
  const sql = await renderScores(engine, library, runId, options.controls)
  await appendFile(queries, `${JSON.stringify({ scores: true, attempt, sql })}\n`)
  const path = join(lake, 'scores', `run_id=${runId}`, 'data.parquet')
  return { findings: findings.count, scores: await engine.copyToParquet(sql, path) }
}

/** Renders the roll-up of a run's findings. */
export async function renderScores(
  engine: Engine,
  library: Library,
  runId: string,
  controls: Control[],
): Promise<string> {
  const subjects = controls.flatMap(({ id, subject }) =>
    subject.map((table) => [literal(id), literal(table)]),
  )
  const sql = (await readFile(join(queriesFolder, 'scores', 'scores.sql'), 'utf8')).trim()
  return renderForRun(engine, library, runId, sql, [
    ['control_subjects', valuesSql({ control_id: "''", table_name: "''" }, subjects)],
  ])
}
