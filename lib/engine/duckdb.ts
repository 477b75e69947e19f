import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  JSDuckDBValueConverter,
} from '@duckdb/node-api'
import type { Table } from '../lake/table.ts'
import { duckdbDialect, type Engine, literal, type QueryResult, type Value } from './engine.ts'
import { LakeViews } from './lake-views.ts'

export { LakeFileError, sqlTypes } from './lake-views.ts'

export interface DuckdbOptions {
  /** Root of the lake, a folder. */
  lake: string
  tables: Record<string, Table>
  /** What DuckDB may take of the machine. */
  limits?: DuckdbLimits
  /**
   * Gives what a statement took back to the system when it is done: so where memory is limited, unless this says otherwise. Otherwise
   * DuckDB's allocator keeps up to 512 MB of it for the next one. Measured over millions of rows: a third less resident, a third
   * longer; with many statements over few rows a third more of the processor.
   */
  frugal?: boolean
}

/** As the configuration's `duckdb` has them. */
export interface DuckdbLimits {
  memory_limit?: string | undefined
  temp_directory?: string | undefined
  threads?: number | undefined
}

/**
 * Rows up to which one thread judges a run. Its queries are over in milliseconds, of which others would spend most in waiting for work;
 * with 40,000 rows and more a second thread begins to shorten them.
 */
const ROWS_OF_A_SMALL_RUN = 40_000

const FRUGAL = {
  allocator_bulk_deallocation_flush_threshold: '1MB',
  allocator_flush_threshold: '1MB',
}

/**
 * Rows of a streamed result that are taken over at once. DuckDB brings 2,048, which as objects of some kilobytes each outlive the youngest
 * generation of the heap while whoever reads them is still with the first.
 */
export const STREAMED_ROWS = 128

/** The limits under which a run of so many rows is judged: what is set, and one thread for a small run where nothing is. */
export function limitsFor(rows: number, set: DuckdbLimits): DuckdbLimits {
  return rows < ROWS_OF_A_SMALL_RUN ? { ...set, threads: set.threads ?? 1 } : set
}

/** Opens DuckDB over a lake on disk: a view per table, refreshed when a query names it. */
export async function openDuckdb(options: DuckdbOptions): Promise<Engine> {
  const { memory_limit, temp_directory, threads } = options.limits ?? {}
  const instance = await DuckDBInstance.create(':memory:', {
    ...(memory_limit ? { memory_limit } : {}),
    ...(temp_directory ? { temp_directory } : {}),
    ...(threads ? { threads: String(threads) } : {}),
    // Copies of what was read of the lake's files, which the system holds already: 1,500 MB of 24,000 files, and no faster.
    enable_external_file_cache: 'false',
    ...((options.frugal ?? memory_limit !== undefined) ? FRUGAL : {}),
  })
  const connection = await instance.connect()
  await connection.run("set timezone = 'UTC'")
  await connection.run('set preserve_insertion_order = true')
  await connection.run('create schema lake')
  await connection.run("set search_path = 'lake'")
  const views = new LakeViews(resolve(options.lake), options.tables, (sql) => connection.run(sql))
  return {
    dialect: duckdbDialect,
    query: (sql) => views.reading(sql, () => query(connection, sql)),
    stream: async function* (sql) {
      // A connection of its own: a result that is being read keeps its connection busy.
      await views.reading(sql, async () => undefined)
      const own = await instance.connect()
      try {
        await own.run("set timezone = 'UTC'")
        yield* streamRows(own, sql)
      } catch (error) {
        throw await views.blamed(sql, error)
      } finally {
        own.closeSync()
      }
    },
    copyToParquet: (sql, path) => views.reading(sql, () => copy(connection, sql, path)),
    leftOut: () => views.leftOut(),
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function query(connection: DuckDBConnection, sql: string): Promise<QueryResult> {
  const reader = await connection.runAndReadAll(sql)
  const columns = reader.deduplicatedColumnNames()
  const rows = reader
    .getRowsJS()
    .map((values) => Object.fromEntries(columns.map((name, i) => [name, plain(values[i])])))
  return { columns, rows }
}

async function* streamRows(
  connection: DuckDBConnection,
  sql: string,
): AsyncGenerator<QueryResult['rows']> {
  const result = await connection.stream(sql)
  const columns = result.deduplicatedColumnNames()
  for await (const chunk of result) {
    for (let from = 0; from < chunk.rowCount; from += STREAMED_ROWS) {
      yield rowsOf(chunk, columns, from, Math.min(from + STREAMED_ROWS, chunk.rowCount))
    }
  }
}

/** Some rows of a chunk. The chunk that is read keeps every value that was asked of it, so that another is laid over the same memory. */
function rowsOf({ chunk }: DuckDBDataChunk, columns: string[], from: number, to: number) {
  const some = new DuckDBDataChunk(chunk)
  const rows: QueryResult['rows'] = []
  for (let row = from; row < to; row++) {
    const values = some.convertRowValues(row, JSDuckDBValueConverter)
    rows.push(Object.fromEntries(columns.map((name, i) => [name, plain(values[i])])))
  }
  return rows
}

async function copy(connection: DuckDBConnection, sql: string, path: string): Promise<number> {
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    const target = `${literal(unfinished)} (format parquet, compression zstd, compression_level 1)`
    const reader = await connection.runAndReadAll(`copy (\n${sql}\n) to ${target}`)
    await rename(unfinished, path)
    return Number(reader.getRowsJS()[0]?.[0] ?? 0)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

function plain(value: unknown): Value {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (['string', 'number', 'boolean'].includes(typeof value) || value instanceof Date) {
    return value as Value
  }
  return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? String(part) : part))
}
