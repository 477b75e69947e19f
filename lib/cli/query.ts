import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import Table from 'cli-table3'
import { stringify } from 'csv-stringify/sync'
import { loadViews, queriesFolder } from '../engine/controls.ts'
import { openDuckdb } from '../engine/duckdb.ts'
import type { QueryResult } from '../engine/engine.ts'
import { openLibrary, renderForRun } from '../engine/render.ts'
import { visible } from '../report/grid.ts'
import { loadTables } from '../sources.ts'
import { UsageError } from '../usage-error.ts'
import { newestDeployedRun, openDeployed } from './deployed.ts'
import { newestRun } from './newest-run.ts'
import type { ExitCode, Output } from './output.ts'

export interface QueryFlags {
  /** The name of an example, SQL, or `-` for standard input. */
  query: string
  lake: string
  /** The run that is asked; the newest complete one when undefined. */
  run?: string
  format: 'table' | 'csv' | 'json'
  /** DuckDB over a lake on disk (the default), or Athena over the deployed one. */
  engine?: 'duckdb' | 'athena'
  /** The configuration whose deployment Athena is asked of. */
  config?: string
  profile?: string
}

/** `strongroom query`: SQL over one run of a lake, on disk or deployed. */
export async function runQuery(
  flags: QueryFlags,
  output: Output,
  { input }: { input: NodeJS.ReadableStream },
): Promise<ExitCode> {
  const sql = await resolveQuery(flags.query, input)
  const tables = await loadTables()
  const local = flags.engine !== 'athena'
  const onDisk = local ? (flags.run ?? (await newestRun(flags.lake))) : flags.run
  const engine = local
    ? await openDuckdb({ lake: flags.lake, tables })
    : await openDeployed(flags.config, flags)
  try {
    const runId = onDisk ?? (await newestDeployedRun(engine))
    const library = await openLibrary(engine, tables, loadViews())
    const result = await engine.query(await renderForRun(engine, library, runId, sql))
    output.print(format(result, flags.format))
    return 0
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`the query failed: ${why}`, { cause })
  } finally {
    engine.close()
  }
}

async function resolveQuery(query: string, input: NodeJS.ReadableStream): Promise<string> {
  if (query === '-') return trimmed(await textOf(input))
  if (!/^[\w-]+$/.test(query)) return trimmed(query)
  const folder = join(queriesFolder, 'examples')
  try {
    return trimmed(await readFile(join(folder, `${query}.sql`), 'utf8'))
  } catch (cause) {
    const known = (await readdir(folder)).map((file) => file.replace(/\.sql$/, ''))
    const list = known.sort().join(', ')
    throw new UsageError(`there is no query ${query}; there are ${list}, or give SQL`, { cause })
  }
}

function trimmed(sql: string): string {
  return sql.trim().replace(/;$/, '')
}

function format({ columns, rows }: QueryResult, as: QueryFlags['format']): string {
  const plain = rows.map((row) =>
    Object.fromEntries(columns.map((column) => [column, plainValue(row[column])])),
  )
  if (as === 'json') return `${JSON.stringify(plain, undefined, 2)}\n`
  if (as === 'csv') {
    const inert = plain.map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key, inertText(value)])),
    )
    return stringify(inert, { header: true, columns, escape_formulas: true })
  }
  const table = new Table({ head: columns, style: { head: [], border: [] } })
  for (const row of plain) table.push(columns.map((column) => visible(String(row[column] ?? ''))))
  return `${table.toString()}\n`
}

/** Line breaks and tabs are CSV's own affair; other control characters would be commands to a terminal. */
function inertText(value: string | number | boolean | null): string | number | boolean | null {
  if (typeof value !== 'string') return value
  return value
    .split(/([\n\r\t])/)
    .map((part, index) => (index % 2 ? part : visible(part)))
    .join('')
}

function plainValue(value: unknown): string | number | boolean | null {
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' || typeof value === 'boolean') return value
  return value === null || value === undefined ? null : String(value)
}
