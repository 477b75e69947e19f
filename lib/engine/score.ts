import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Table } from '../lake/table.ts'
import { type Control, loadViews, queriesFolder } from './controls.ts'
import { type Engine, literal } from './engine.ts'
import { checkRunId, type Library, openLibrary, renderControl, renderForRun } from './render.ts'
import { valuesSql } from './values.ts'

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

/** Two findings of one control with the same id. */
export class DuplicateFindingError extends Error {
  override name = 'DuplicateFindingError'
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
  let findings = 0
  for (const control of options.controls) {
    const sql = await renderControl(engine, library, runId, control)
    await appendFile(queries, `${JSON.stringify({ control_id: control.id, attempt, sql })}\n`)
    findings += await judge(engine, options, control, sql)
  }
  const sql = await renderScores(engine, library, runId, options.controls)
  await appendFile(queries, `${JSON.stringify({ scores: true, attempt, sql })}\n`)
  const path = join(lake, 'scores', `run_id=${runId}`, 'data.parquet')
  return { findings, scores: await engine.copyToParquet(sql, path) }
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

async function judge(
  engine: Engine,
  { lake, runId, attempt }: ScoreOptions,
  control: Control,
  sql: string,
): Promise<number> {
  const folder = join(lake, 'findings', `run_id=${runId}`, `control_id=${control.id}`)
  const path = join(folder, attempt, 'data.parquet')
  try {
    const count = await engine.copyToParquet(sql, path)
    await refuseDuplicates(engine, control.id, path)
    for (const other of await readdir(folder)) {
      if (other !== attempt) await rm(join(folder, other), { recursive: true })
    }
    return count
  } catch (error) {
    await rm(join(folder, attempt), { recursive: true, force: true })
    throw error
  }
}

async function refuseDuplicates(engine: Engine, controlId: string, path: string): Promise<void> {
  const { rows } = await engine.query(
    `select finding_id, min(resource_arn) as resource_arn, count(*) as times
     from read_parquet(${literal(path)}, hive_partitioning = false)
     group by finding_id having count(*) > 1 order by finding_id limit 1`,
  )
  const [row] = rows
  if (row) {
    throw new DuplicateFindingError(
      `control ${controlId} judges ${row.resource_arn} ${row.times} times: finding ${row.finding_id}`,
    )
  }
}
