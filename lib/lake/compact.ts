import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { queriesFolder } from '../engine/controls.ts'
import { sqlTypes } from '../engine/duckdb.ts'
import { type Engine, literal } from '../engine/engine.ts'
import { checkRunId, openLibrary, renderForRun } from '../engine/render.ts'
import type { Table } from './table.ts'

/** What of staging counts. */
export interface CompactOptions {
  /** Root of the lake. */
  lake: string
  runId: string
  tables: Record<string, Table>
  /** Per table the staged objects that the answers name, relative to the lake. */
  staged: Record<string, string[]>
}

/** Makes the run's inventory: one object per table, sorted by account and Region, empty where nothing was staged. */
export async function compactRun(
  engine: Engine,
  { lake, runId, tables, staged }: CompactOptions,
): Promise<Record<string, number>> {
  checkRunId(runId)
  const rows: Record<string, number> = {}
  for (const [name, table] of Object.entries(tables)) {
    const files = (staged[name] ?? []).map((path) => join(lake, path))
    rows[name] = await engine.copyToParquet(
      stagedSql(table, files),
      inventoryPath(lake, name, runId),
    )
  }
  return rows
}

/** Computes the run's coverage from its accounts, Regions, collectors and answers, and returns its number of rows. */
export async function computeCoverage(
  engine: Engine,
  { lake, runId, tables }: { lake: string; runId: string; tables: Record<string, Table> },
): Promise<number> {
  const sql = await readFile(join(queriesFolder, 'coverage.sql'), 'utf8')
  const library = await openLibrary(engine, tables, {})
  const rendered = await renderForRun(engine, library, runId, sql.trim())
  return engine.copyToParquet(rendered, inventoryPath(lake, 'coverage', runId))
}

/** Where a table's object of a run lies. */
export function inventoryPath(lake: string, table: string, runId: string): string {
  return join(lake, 'inventory', table, `run_id=${runId}`, 'data.parquet')
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
) order by account_id, region`
}
