import { randomBytes } from 'node:crypto'
import { globSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { ColumnType, Table } from '../lake/table.ts'
import { duckdbDialect, type Engine, literal, type QueryResult, type Value } from './engine.ts'

/** SQL types of the lake's columns, as DuckDB and Athena both name them. */
export const sqlTypes: Record<ColumnType, string> = {
  string: 'varchar',
  boolean: 'boolean',
  int: 'integer',
  bigint: 'bigint',
  double: 'double',
  timestamp: 'timestamp',
}

/** A file of the lake that DuckDB cannot read. */
export class LakeFileError extends Error {
  override name = 'LakeFileError'
  readonly file: string

  constructor(file: string, cause: unknown) {
    super(`cannot read ${file}: ${message(cause)}`, { cause })
    this.file = file
  }
}

export interface DuckdbOptions {
  /** Root of the lake, a folder. */
  lake: string
  tables: Record<string, Table>
  memoryLimit?: string
  threads?: number
}

/** Opens DuckDB over a lake on disk: a view per table, refreshed when a query names it. */
export async function openDuckdb(options: DuckdbOptions): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:', {
    ...(options.memoryLimit ? { memory_limit: options.memoryLimit } : {}),
    ...(options.threads ? { threads: String(options.threads) } : {}),
  })
  const connection = await instance.connect()
  await connection.run("set timezone = 'UTC'")
  await connection.run('set preserve_insertion_order = true')
  await connection.run('create schema lake')
  await connection.run("set search_path = 'lake'")
  const views = new LakeViews(connection, resolve(options.lake), options.tables)
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
      } finally {
        own.closeSync()
      }
    },
    copyToParquet: (sql, path) => views.reading(sql, () => copy(connection, sql, path)),
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
  for await (const rows of result.yieldRowsJs()) {
    yield rows.map((values) =>
      Object.fromEntries(columns.map((name, i) => [name, plain(values[i])])),
    )
  }
}

async function copy(connection: DuckDBConnection, sql: string, path: string): Promise<number> {
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    const target = `${literal(unfinished)} (format parquet, compression zstd)`
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

class LakeViews {
  readonly #connection: DuckDBConnection
  readonly #lake: string
  readonly #tables: Record<string, Table>
  readonly #files = new Map<string, string>()
  #queue: Promise<unknown> = Promise.resolve()

  constructor(connection: DuckDBConnection, lake: string, tables: Record<string, Table>) {
    this.#connection = connection
    this.#lake = lake
    this.#tables = tables
  }

  /** Runs one statement after another: one connection takes one at a time. */
  reading<T>(sql: string, run: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => this.#read(sql, run))
    // Who asked gets the error with `result`; the statements behind it are others' and still run.
    this.#queue = result.catch(() => undefined)
    return result
  }

  async #read<T>(sql: string, run: () => Promise<T>): Promise<T> {
    const words = new Set(sql.match(/\w+/g))
    const named = Object.keys(this.#tables).filter((name) => words.has(name))
    try {
      for (const name of named) await this.#refresh(name)
      return await run()
    } catch (error) {
      await this.#blame(named, error)
      throw error
    }
  }

  /** Names the file when an unreadable one is why a query failed. */
  async #blame(named: string[], error: unknown): Promise<void> {
    for (const file of named.flatMap((name) => this.#glob(name))) {
      try {
        await this.#connection.run(
          `select bit_xor(hash(t)) from read_parquet(${literal(file)}) as t`,
        )
      } catch (cause) {
        throw new LakeFileError(file, cause ?? error)
      }
    }
  }

  #glob(name: string): string[] {
    return globSync(join(this.#lake, pattern(name))).sort()
  }

  async #refresh(name: string): Promise<void> {
    const table = this.#tables[name]
    if (!table) return
    const files = this.#glob(name)
    const signature = `${files.length} ${files.join('\n')}`
    if (this.#files.get(name) === signature) return
    await this.#connection.run(
      `create or replace view lake.${name} as ${viewSql(table, this.#lake, name, files)}`,
    )
    this.#files.set(name, signature)
  }
}

function pattern(name: string): string {
  if (name === 'findings') return 'findings/run_id=*/control_id=*/*/*.parquet'
  if (name === 'scores') return 'scores/run_id=*/*.parquet'
  // Written publication by publication: one folder each.
  if (['hub_state', 'hub_plans', 'publications', 'hubs'].includes(name)) {
    return `${name}/run_id=*/*/*.parquet`
  }
  return `inventory/${name}/run_id=*/*.parquet`
}

function viewSql(table: Table, lake: string, name: string, files: string[]): string {
  const columns: [string, string][] = Object.entries(table.columns).map(([column, { type }]) => [
    column,
    sqlTypes[type],
  ])
  const all: [string, string][] = [...columns, ['run_id', 'varchar']]
  const cast = all.map(([column, type]) => `cast("${column}" as ${type}) as "${column}"`).join(', ')
  const empty = all.map(([column, type]) => `cast(null as ${type}) as "${column}"`).join(', ')
  if (files.length === 0) return `select ${empty} where false`
  const partitions =
    name === 'findings' ? '{run_id: varchar, control_id: varchar}' : '{run_id: varchar}'
  const source = `read_parquet(${literal(join(lake, pattern(name)))}, union_by_name = true,
    hive_partitioning = true, hive_types = ${partitions})`
  return `select ${cast} from (
    select ${empty} where false union all by name select * from ${source})`
}

function message(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error)
}
