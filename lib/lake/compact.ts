import { join } from 'node:path'
import { sqlTypes } from '../engine/duckdb.ts'
import { type Engine, literal } from '../engine/engine.ts'
import { checkRunId, renderCoverage } from '../engine/render.ts'
import { carriedRowsSql, carriedSql } from './carry-forward.ts'
import { type CoverageTable, runTables } from './run-tables.ts'
import type { Table } from './table.ts'

/** What of staging counts. */
export interface CompactOptions {
  /** Root of the lake. */
  lake: string
  runId: string
  tables: Record<string, Table>
  /** Per table the staged objects that the answers name, relative to the lake. */
  staged: Record<string, string[]>
  asOf: Date
  /** How old a reading of an earlier run may be that stands in for one that the budget left out. */
  maxAgeDays: number
}

/**
 * Makes the run's inventory: one object per table, sorted by account and Region, empty where nothing was staged. What the
 * budget left out is taken from an earlier run that read it, as of that time, and is then no gap.
 * @returns per table the rows that came from the staged objects
 */
export async function compactRun(
  engine: Engine,
  options: CompactOptions,
): Promise<Record<string, number>> {
  for (;;) {
    const known = engine.leftOut?.().length
    const counts = await compactOnce(engine, options)
    // A file that turned out unreadable has supplied nothing: what was to come from it must be a gap again, or come from elsewhere.
    if (engine.leftOut?.().length === known) return counts
  }
}

async function compactOnce(
  engine: Engine,
  options: CompactOptions,
): Promise<Record<string, number>> {
  const { lake, tables, staged } = options
  const runId = checkRunId(options.runId)
  const stagedOf = (name: string, table: Table) =>
    stagedSql(
      table,
      (staged[name] ?? []).map((path) => join(lake, path)),
    )
  const carriedPath = inventoryPath(lake, 'carried_evidence', runId)
  const gaps = `(${stagedOf('gaps', runTables.gaps)})`
  await engine.copyToParquet(carriedSql(engine, gaps, options), carriedPath)
  const carried = `read_parquet(${literal(carriedPath)}, hive_partitioning = false)`
  const { rows } = await engine.query(`select distinct table_name from ${carried}`)
  const supplied = new Set(rows.map((row) => row.table_name))
  const counts: Record<string, number> = {}
  for (const [name, table] of Object.entries(tables)) {
    if (name === 'carried_evidence') continue
    const parts = [`(${stagedOf(name, table)})`]
    if (supplied.has(name)) parts.push(carriedRowsSql(engine, { name, table, carried }))
    if (name === 'item_reads' && supplied.size > 0) {
      parts.push(`select * exclude (from_run_id) from ${carried}`)
    }
    const left = name === 'gaps' ? stillMissingSql(carried) : ''
    const sql = `select * from (${parts.join(' union all ')}) as g ${left} order by account_id, region`
    const all = await engine.copyToParquet(sql, inventoryPath(lake, name, runId))
    counts[name] = all - (await countRows(engine, parts.slice(1)))
  }
  return counts
}

async function countRows(engine: Engine, parts: string[]): Promise<number> {
  if (parts.length === 0) return 0
  const { rows } = await engine.query(
    `select cast(count(*) as bigint) as n from (${parts.join(' union all ')}) as t`,
  )
  return Number(rows[0]?.n)
}

function stillMissingSql(carried: string): string {
  return `where not exists (
    select 1 from ${carried} as c
    where g.cause = 'budget' and c.account_id = g.account_id and c.region = g.region and c.collector = g.collector
      and c.table_name = g.table_name and c.resource_arn = g.resource_arn)`
}

/** Computes the run's coverage, and that of its tables, from its accounts, Regions, collectors, answers and gaps; answers the rows of each. */
export async function computeCoverage(
  engine: Engine,
  { lake, runId, tables }: { lake: string; runId: string; tables: Record<string, Table> },
): Promise<Record<CoverageTable, number>> {
  const rendered = await renderCoverage(engine, { runId, tables })
  const store = (name: CoverageTable) =>
    engine.copyToParquet(rendered[name], inventoryPath(lake, name, runId))
  return { coverage: await store('coverage'), table_coverage: await store('table_coverage') }
}

/** Where a table's object of a run lies. */
export function inventoryPath(lake: string, table: string, runId: string): string {
  return join(lake, 'inventory', table, `run_id=${runId}`, 'data.parquet')
}

/** Makes one table's object of a run out of staged objects, relative to the lake; answers its number of rows. */
export function compactTable(
  engine: Engine,
  { lake, runId, name, table, files }: CompactTableOptions,
): Promise<number> {
  const paths = files.map((path) => join(lake, path))
  const sql = `select * from (${stagedSql(table, paths)}) as t order by account_id, region`
  return engine.copyToParquet(sql, inventoryPath(lake, name, checkRunId(runId)))
}

export interface CompactTableOptions {
  lake: string
  runId: string
  name: string
  table: Table
  files: readonly string[]
}

function stagedSql(table: Table, files: string[]): string {
  const columns = Object.entries(table.columns)
  const typed = columns.map(
    ([name, { type }]) => `cast("${name}" as ${sqlTypes[type]}) as "${name}"`,
  )
  const empty = columns.map(([name, { type }]) => `cast(null as ${sqlTypes[type]}) as "${name}"`)
  const none = `select ${empty.join(', ')} where false`
  if (files.length === 0) return none
  return `select ${typed.join(', ')} from (
  ${none} union all by name
  select * from read_parquet([${files.map(literal).join(', ')}], union_by_name = true,
    hive_partitioning = false)
)`
}
