import { organizationOf } from '../derive/organization.ts'
import { loadViews } from '../engine/controls.ts'
import { openDuckdb } from '../engine/duckdb.ts'
import type { Engine, Value } from '../engine/engine.ts'
import { type Library, openLibrary, renderForRun } from '../engine/render.ts'
import { openLake } from '../lake/lake.ts'
import type { StoredRow, Table } from '../lake/table.ts'
import type { Organization } from '../policy/types.ts'
import { openRun, type Run } from '../run.ts'
import { lakeTables, loadSources } from '../sources.ts'

export type Row = Record<string, Value>

/** A finished run of a lake on disk, to be asked. Nothing that it offers writes into the lake. */
export interface FinishedRun {
  run: Run
  asOf: Date
  organization: Organization
  partition: string
  /** Every table that the lake declares. */
  tables: Record<string, Table>
  /** Names of accounts, by id. */
  names: ReadonlyMap<string, string>
  /** SQL over the rows of this run; tables and views can be named. */
  sql(sql: string): Promise<Row[]>
  /** Rows of a table of the inventory, of all accounts. Each table is read once. */
  rows(table: string): Promise<StoredRow[]>
  close(): void
}

/**
 * Opens a run of a lake on disk.
 * @throws UsageError where the lake has no such run
 */
export async function openFinishedRun(folder: string, runId: string): Promise<FinishedRun> {
  const run = await openRun(openLake(folder), runId)
  const tables = lakeTables(await loadSources())
  const engine = await openDuckdb({ lake: folder, tables })
  const ask = asker(engine, await openLibrary(engine, tables, loadViews()), runId)
  const held = new Map<string, Promise<StoredRow[]>>()
  return {
    run,
    asOf: new Date(run.as_of),
    organization: organizationOf(run.discovery),
    partition: run.discovery.partition,
    tables,
    names: new Map(run.discovery.accounts.map(({ account_id, name }) => [account_id, name ?? ''])),
    sql: ask,
    rows(table) {
      const rows = held.get(table) ?? (ask(`select * from ${table}`) as Promise<StoredRow[]>)
      held.set(table, rows)
      return rows
    },
    close: () => engine.close(),
  }
}

function asker(engine: Engine, library: Library, runId: string): FinishedRun['sql'] {
  return async (sql) => (await engine.query(await renderForRun(engine, library, runId, sql))).rows
}
