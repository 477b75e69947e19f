import {
  addPartitionSql,
  checkStatement,
  latestViewSql,
  stagedSql,
  unloadSql,
} from '../engine/athena-sql.ts'
import { loadControls, loadViews } from '../engine/controls.ts'
import { type Engine, literal } from '../engine/engine.ts'
import { openLibrary, renderControl, renderCoverage } from '../engine/render.ts'
import { renderScores } from '../engine/score.ts'
import { carriedRowsSql, carriedSql } from '../lake/carry-forward.ts'
import type { Lake } from '../lake/lake.ts'
import { coverageTables } from '../lake/run-tables.ts'
import type { Table } from '../lake/table.ts'
import { chosenControls } from '../scope.ts'
import { inventoryTables, lakeTables, loadSources, loadTables } from '../sources.ts'
import type { AttemptStatement, Phase, PlannedQuery, PlannedStatement } from './payloads.ts'
import { openRun, runFiles, type StoredRun, writeLines } from './run-files.ts'

export interface RenderOptions {
  lake: Lake
  engine: Engine
  /** The Glue database. */
  database: string
}

/** Renders the statement that finds what earlier runs can supply of what the budget left out of this one. */
export async function renderCarry(runId: string, options: RenderOptions): Promise<void> {
  const { lake, engine, database } = options
  const stored = await openRun(lake, runId)
  const gaps = `(${stagedOf('gaps', await loadTables(), { database, lake, runId })})`
  const sql = carriedSql(engine, gaps, carryOptions(stored))
  await writeQueries(lake, runId, 'carry', [
    inventoryQuery('carried_evidence', sql, { lake, runId }),
  ])
}

/** Renders every other statement of the run, and keeps them: they are the evidence of what was asked. */
export async function renderRun(runId: string, options: RenderOptions): Promise<void> {
  const { lake, engine } = options
  const { run, config } = await openRun(lake, runId)
  const sources = await loadSources()
  const tables = lakeTables(sources)
  const library = await openLibrary(engine, tables, loadViews())
  const controls = chosenControls(loadControls(), config)
  const write = (phase: Phase, queries: (PlannedQuery | PlannedStatement)[]) =>
    writeQueries(lake, runId, phase, queries)

  const inventory = inventoryTables(sources)
  await write('inventory', await inventoryQueries(runId, inventory, options))
  const coverage = await renderCoverage(engine, { runId, tables })
  await write(
    'coverage',
    Object.entries(coverage).map(([name, sql]) => inventoryQuery(name, sql, { lake, runId })),
  )
  const findings: PlannedQuery[] = []
  for (const control of controls) {
    const sql = await renderControl(engine, library, runId, control)
    const keys = { run_id: runId, control_id: control.id }
    findings.push(query(`findings/${control.id}`, sql, { lake, table: 'findings', keys }))
  }
  await write('findings', findings)
  const scores = await renderScores(engine, library, runId, controls)
  await write('scores', [
    query('scores', scores, { lake, table: 'scores', keys: { run_id: runId } }),
  ])
  // A run over a part of the organization is none that people should find by default.
  const latest = run.scope_complete ? Object.keys(tables) : []
  await write(
    'latest',
    latest.map((name) => ({ name, sql: latestViewSql(name, runId) })),
  )
}

async function inventoryQueries(
  runId: string,
  tables: Record<string, Table>,
  { lake, engine, database }: RenderOptions,
): Promise<PlannedQuery[]> {
  const carried = `"${database}"."carried_evidence"`
  const ofRun = `(select * from ${carried} where run_id = ${literal(runId)})`
  const { rows } = await engine.query(
    `select distinct table_name, from_run_id from ${carried} where run_id = ${literal(runId)}`,
  )
  const supplied = Map.groupBy(rows, (row) => String(row.table_name))
  const later: readonly string[] = ['carried_evidence', ...coverageTables]
  const names = Object.keys(tables).filter((name) => !later.includes(name))
  return names.map((name) => {
    const table = tables[name] as Table
    const staged = stagedOf(name, tables, { database, lake, runId })
    const runs = supplied.get(name)?.map((row) => literal(String(row.from_run_id)))
    const parts = [staged]
    if (runs) {
      // Naming the runs keeps Athena from reading every other one.
      const rowsSql = carriedRowsSql(engine, { name, table, carried: ofRun })
      parts.push(`${rowsSql} and t.run_id in (${runs.join(', ')})`)
    }
    if (name === 'item_reads' && supplied.size > 0) {
      const columns = Object.keys(table.columns).map((column) => `"${column}"`)
      parts.push(`select ${columns.join(', ')} from ${ofRun}`)
    }
    const where = name === 'gaps' ? `\nwhere ${stillMissing(ofRun)}` : ''
    const sql = `select * from (\n${parts.join('\nunion all\n')}\n) as g${where}\norder by account_id, region`
    return inventoryQuery(name, sql, { lake, runId })
  })
}

function stillMissing(carried: string): string {
  return `not exists (select 1 from ${carried} as c
where g.cause = 'budget' and c.account_id = g.account_id and c.region = g.region and c.collector = g.collector
  and c.table_name = g.table_name and c.resource_arn = g.resource_arn)`
}

interface StagedAt {
  database: string
  lake: Lake
  runId: string
}

function stagedOf(name: string, tables: Record<string, Table>, at: StagedAt): string {
  const table = tables[name]
  if (!table) throw new Error(`the lake has no table ${name}`)
  return stagedSql(name, table, { ...at, lake: at.lake.root })
}

function carryOptions({ run, config }: StoredRun) {
  const { run_id: runId, as_of } = run
  return { runId, asOf: new Date(as_of), maxAgeDays: config.evidence_max_age_days }
}

function inventoryQuery(
  table: string,
  sql: string,
  { lake, runId }: { lake: Lake; runId: string },
): PlannedQuery {
  return query(table, sql, { lake, table, keys: { run_id: runId }, parent: 'inventory/' })
}

function query(
  name: string,
  sql: string,
  at: { lake: Lake; table: string; keys: Record<string, string>; parent?: string },
): PlannedQuery {
  const { lake, table, keys, parent = '' } = at
  const partition = Object.entries(keys).map(([key, value]) => `${key}=${value}`)
  const folder = lake.path([`${parent}${table}`, ...partition, ATTEMPT].join('/'))
  return {
    name,
    unload: ofAttempt(checkStatement(name, unloadSql(sql, folder))),
    register: ofAttempt(addPartitionSql(table, keys, folder)),
  }
}

/** Stands for the attempt's name, which is made when the statement is run. */
const ATTEMPT = '<attempt>'

function ofAttempt(statement: string): AttemptStatement {
  const [before = '', after = '', ...more] = statement.split(ATTEMPT)
  if (more.length > 0) throw new Error(`${ATTEMPT} is also in the query: ${statement}`)
  return { before, after }
}

function writeQueries(
  lake: Lake,
  runId: string,
  phase: Phase,
  queries: (PlannedQuery | PlannedStatement)[],
): Promise<void> {
  return writeLines(lake, runFiles.queries(runId, phase), queries)
}
