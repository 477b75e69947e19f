import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Control,
  loadControls,
  loadCoverage,
  loadViews,
  weights,
} from '../../lib/engine/controls.ts'
import { openDuckdb, sqlTypes } from '../../lib/engine/duckdb.ts'
import { type Engine, literal } from '../../lib/engine/engine.ts'
import { openLibrary, renderForRun } from '../../lib/engine/render.ts'
import { inventoryPath } from '../../lib/lake/compact.ts'
import type { Table } from '../../lib/lake/table.ts'
import { lakeTables, loadSources } from '../../lib/sources.ts'

export type CaseRow = Record<string, string | number | boolean | null>
export type Given = Record<string, CaseRow[]>

const asOf = '2026-11-23T07:45:00Z'
const here = { account_id: '111111111111', region: 'eu-west-1' }
const sources = await loadSources()

/** Every table: collected and derived ones, and those a run writes. */
export const allTables: Record<string, Table> = lakeTables(sources)

/** A run id for the n-th case. */
export function runIdOf(n: number): string {
  return `20261123T074500Z-${n.toString(16).padStart(6, '0')}`
}

/** An engine over a new lake; dispose of it when done. */
export async function openCaseLake(tables = allTables) {
  const lake = mkdtempSync(join(tmpdir(), 'strongroom-cases-'))
  mkdirSync(join(lake, 'inventory'))
  const engine = await openDuckdb({ lake, tables, limits: { threads: 2 } })
  const close = () => {
    engine.close()
    rmSync(lake, { recursive: true })
  }
  return { lake, engine, close }
}

/** An engine whose lake is in memory and holds many runs: as quick as thousands of small files would be slow. */
export async function openCaseTables(runs: { runId: string; given: Given }[]) {
  const engine = await openDuckdb({ lake: tmpdir(), tables: {}, limits: { threads: 2 } })
  const rows = rowsByTable(runs)
  const runIds = runs.map(({ runId }) => `(${literal(runId)})`)
  for (const [name, { columns }] of Object.entries(allTables)) {
    const typed = Object.entries(columns).map(
      ([column, { type }]) => `"${column}" ${sqlTypes[type]}`,
    )
    await engine.query(`create table lake.${name} (${typed.join(', ')}, run_id varchar)`)
    const own = rows.get(name) ?? []
    if (own.length > 0) await engine.query(`insert into lake.${name} values ${own.join(',')}`)
    const shared = sameForAll[name]?.map((row) => rowSql(name, row))
    if (!shared) continue
    await engine.query(`insert into lake.${name}
      select * from (values ${shared.join(', ')}) cross join (values ${runIds.join(', ')})`)
  }
  // Tables, not files: what is asked of one run is asked of the whole table, whose rows say which run they are of.
  const runTable = (name: string) => engine.dialect.lakeTable(name)
  return { ...engine, dialect: { ...engine.dialect, runTable } }
}

/** Writes the rows of many runs, one partition each, and what their coverage says of each table. */
export async function fillLake(
  engine: Engine,
  lake: string,
  runs: { runId: string; given: Given }[],
): Promise<void> {
  for (const sql of lakeSql(lake, runs)) await engine.query(sql)
  const { table_coverage } = loadCoverage()
  const library = await openLibrary(engine, allTables, { ...loadViews(), table_coverage })
  for (const { runId } of runs) {
    const sql = await renderForRun(engine, library, runId, 'select * from table_coverage')
    await engine.copyToParquet(sql, inventoryPath(lake, 'table_coverage', runId))
  }
}

/** SQL that writes the rows of many runs, one partition each, table by table. */
function lakeSql(lake: string, runs: { runId: string; given: Given }[]): string[] {
  const complete = runs.map(({ runId, given }) => ({ runId, given: { ...sameForAll, ...given } }))
  return [...rowsByTable(complete)]
    .filter(([, rows]) => rows.length > 0)
    .map(([name, rows]) => {
      const columns = [...Object.keys(tableOf(name).columns), 'run_id'].map((c) => `"${c}"`)
      return `copy (select * from (values ${rows.join(',\n')}) as t(${columns.join(', ')}))
      to ${literal(join(lake, 'inventory', name))} (format parquet, partition_by (run_id), overwrite_or_ignore)`
    })
}

function rowsByTable(runs: { runId: string; given: Given }[]): Map<string, string[]> {
  const byTable = new Map<string, string[]>()
  for (const { runId, given } of runs) {
    for (const [name, rows] of Object.entries(withDefaults(given))) {
      const list = byTable.get(name) ?? []
      list.push(...rows.map((row) => rowSql(name, row, runId)))
      byTable.set(name, list)
    }
  }
  return byTable
}

function withDefaults(given: Given): Given {
  const accounts = given.accounts ?? [
    { account_id: '111111111111', audited: true },
    { account_id: '222222222222', audited: true },
  ]
  const regions = given.regions ?? [{ region: 'eu-west-1' }]
  const names = [...sources.all.keys()]
  const coverage = accounts
    .filter((account) => account.audited)
    .flatMap(({ account_id = null }) =>
      regions.flatMap(({ region = null }) =>
        names.map((collector) => ({ account_id, region, collector, status: 'complete' })),
      ),
    )
  return {
    ...given,
    accounts,
    regions,
    settings: [{ ...settings, ...given.settings?.[0] }],
    coverage: override(coverage, given.coverage ?? []),
  }
}

const settings: CaseRow = {
  as_of: asOf,
  required_key_manager: 'customer',
  air_gapped_owned_key_ok: true,
  scp_denied_regions: 'unknown',
}
const loaded: Control[] = loadControls()

/** What every run of a lake says alike. */
const sameForAll: Given = {
  controls: loaded.map((control) => ({
    control_id: control.id,
    family: control.family,
    severity: control.severity,
    weight: weights[control.severity],
  })),
  collectors: [...sources.all.keys()].map((collector) => ({
    collector,
    scope: 'cell',
    requested: true,
  })),
  collector_tables: [...sources.all].flatMap(([collector, { tables }]) =>
    Object.keys(tables).map((table_name) => ({ collector, table_name })),
  ),
}

function override(rows: CaseRow[], changes: CaseRow[]): CaseRow[] {
  const key = (row: CaseRow) => `${row.account_id} ${row.region} ${row.collector}`
  const changed = new Map(changes.map((row) => [key({ ...here, ...row }), { ...here, ...row }]))
  return [...rows.filter((row) => !changed.has(key(row))), ...changed.values()]
}

function tableOf(name: string): Table {
  const table = allTables[name]
  if (!table) throw new Error(`no such table: ${name}`)
  return table
}

/** Without a run: the row as it is in every run. */
function rowSql(name: string, given: CaseRow, runId?: string): string {
  const { columns } = tableOf(name)
  const row: CaseRow = { ...here, observed_at: asOf, ...given }
  for (const column of Object.keys(row)) {
    if (!columns[column]) throw new Error(`${name} has no column ${column}`)
  }
  const values = Object.entries(columns).map(([column, { type }]) => {
    const value = row[column] ?? null
    return `cast(${value === null ? 'null' : literal(String(value))} as ${sqlTypes[type]})`
  })
  const run = runId === undefined ? '' : `, ${literal(runId)}`
  return `(${values.join(', ')}${run})`
}
