import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { addPartitionSql, unloadSql } from '../../lib/engine/athena-sql.ts'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import { athenaDialect, type Engine, literal } from '../../lib/engine/engine.ts'
import type { Lake } from '../../lib/lake/lake.ts'
import type { Table } from '../../lib/lake/table.ts'
import { hubTables } from '../../lib/securityhub/store.ts'
import { temporaryFolder } from './simulated.ts'

/**
 * Runs the statements that the pipeline gives to Athena, on DuckDB: our own emulation. It knows UNLOAD, ALTER TABLE … ADD PARTITION and
 * CREATE VIEW, the hidden column "$path", partitions as they were registered, and staging by its folder. Types come from the tables'
 * declarations, as in Glue.
 */
export interface LocalAthena {
  /** Runs one statement. */
  run(sql: string): Promise<void>
  /** The engine as a step sees it. */
  engine: Engine
  /** Every statement that was run. */
  statements: string[]
  close(): void
}

interface Partition {
  values: [key: string, value: string][]
  location: string
}

/** Further keys of partitions. */
const KEYS: Record<string, string[]> = {
  findings: ['control_id'],
  ...Object.fromEntries(Object.keys(hubTables).map((table) => [table, ['publication']])),
}

const TYPES = { string: 'varchar', int: 'integer' } as Record<string, string>

export async function openLocalAthena(
  lake: Lake,
  tables: Record<string, Table>,
  database = 'strongroom',
): Promise<LocalAthena> {
  const mirror = await temporaryFolder()
  const duckdb = await openDuckdb({ lake: mirror, tables: {} })
  await duckdb.query(`create schema "${database}"`)
  const partitions = new Map<string, Partition[]>()
  const statements: string[] = []
  let queue: Promise<unknown> = Promise.resolve()

  /** Brings the objects of a folder to the mirror and answers their paths. */
  async function fetchFolder(folder: string): Promise<string[]> {
    const names = await lake.list(folder)
    for (const name of names) {
      const target = join(mirror, name)
      if (existsSync(target)) continue
      await mkdir(dirname(target), { recursive: true })
      await lake.lend(name, (path) => copyFile(path, target))
    }
    return names.map((name) => join(mirror, name))
  }

  function declarationOf(name: string): Table {
    const table = tables[name.replace(/^staging_/, '')]
    if (!table) throw new Error(`TABLE_NOT_FOUND: ${name}`)
    return table
  }

  async function viewOf(name: string, sql: string): Promise<string> {
    const staged = name.startsWith('staging_')
    const table = declarationOf(name)
    const keys = ['run_id', ...(KEYS[name] ?? [])]
    const columns = Object.entries(table.columns).filter(([column]) => !keys.includes(column))
    const typed = (from: (column: string) => string) =>
      columns.map(
        ([column, { type }]) => `cast(${from(column)} as ${TYPES[type] ?? type}) as "${column}"`,
      )
    const none = [...typed(() => 'null'), ...keys.map((key) => `cast(null as varchar) as ${key}`)]
    const parts = [
      `select ${none.join(', ')}${staged ? ', cast(null as varchar) as "$path"' : ''} where false`,
    ]
    const read = (files: string[], extra: string[]) => {
      if (files.length === 0) return
      const list = files.map(literal).join(', ')
      parts.push(
        `select ${[...typed((column) => `"${column}"`), ...extra].join(', ')} from read_parquet([${list}], union_by_name = true, hive_partitioning = false, filename = true)`,
      )
    }
    if (staged) {
      const run = /run_id = '([^']+)'/.exec(sql)?.[1]
      if (!run) throw new Error(`CONSTRAINT_VIOLATION: ${name} needs a run_id`)
      const path = `${literal(`${lake.root}/`)} || substr(filename, ${mirror.length + 2}) as "$path"`
      const folder = `staging/${run}/${name.slice('staging_'.length)}`
      read(await fetchFolder(folder), [`${literal(run)} as run_id`, path])
    }
    for (const { values, location } of partitions.get(name) ?? []) {
      const files = await fetchFolder(location.slice(lake.root.length + 1).replace(/\/$/, ''))
      read(
        files,
        values.map(([key, value]) => `${literal(value)} as ${key}`),
      )
    }
    return `create or replace view "${database}"."${name}" as ${parts.join(' union all by name ')}`
  }

  async function prepare(sql: string): Promise<string> {
    const names = new Set(
      [...sql.matchAll(new RegExp(`"${database}"\\."(\\w+)"`, 'g'))].map(([, n]) => n ?? ''),
    )
    for (const name of names) await duckdb.query(await viewOf(name, sql))
    // DuckDB's sha256 answers hexadecimal text, Trino's bytes.
    return sql
      .replaceAll(/lower\(to_hex\(sha256\(to_utf8\((.*?)\)\)\)\)(, 1, 32| as )/g, 'sha256($1)$2')
      .replaceAll(
        /array_join\(array_agg\(distinct (\S+) order by \S+\), ', '\)/g,
        "string_agg(distinct $1, ', ' order by $1)",
      )
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work)
    // Who asked gets the error with `result`; the statements behind it are others' and still run.
    queue = result.catch(() => undefined)
    return result
  }

  async function unload(sql: string, folder: string): Promise<void> {
    const names = await lake.list(folder.slice(lake.root.length + 1).replace(/\/$/, ''))
    if (names.length > 0) throw new Error('HIVE_PATH_ALREADY_EXISTS')
    const file = join(mirror, `${randomUUID()}.parquet`)
    await duckdb.copyToParquet(await prepare(sql), file)
    await lake.upload(`${folder.slice(lake.root.length + 1)}data.parquet`, file)
    await rm(file)
  }

  function register(table: string, keys: string, location: string): void {
    const values = [...keys.matchAll(/(\w+) = '([^']*)'/g)].map(
      ([, key = '', value = '']): [string, string] => [key, value],
    )
    const held = partitions.get(table) ?? []
    partitions.set(table, held)
    const same = ({ values: other }: Partition) => JSON.stringify(other) === JSON.stringify(values)
    if (!held.some(same)) held.push({ values, location })
  }

  async function run(sql: string): Promise<void> {
    statements.push(sql)
    const unloading =
      /^UNLOAD \(([\s\S]*)\) TO '([^']+)' WITH \(format = 'PARQUET', compression = 'GZIP'\)$/.exec(
        sql,
      )
    const adding =
      /^ALTER TABLE `(\w+)` ADD IF NOT EXISTS PARTITION \((.*)\) LOCATION '([^']+)'$/.exec(sql)
    if (unloading) return unload(unloading[1] ?? '', unloading[2] ?? '')
    if (adding) return register(adding[1] ?? '', adding[2] ?? '', adding[3] ?? '')
    if (
      !/^CREATE OR REPLACE VIEW "latest_\w+" AS SELECT \* FROM "\w+" WHERE run_id = '[^']+'$/.test(
        sql,
      )
    ) {
      throw new Error(`no such statement in the emulation: ${sql.slice(0, 200)}`)
    }
  }

  const engine: Engine = {
    dialect: athenaDialect(database),
    query: (sql) => inTurn(async () => duckdb.query(await prepare(sql))),
    async *stream(sql) {
      yield (await engine.query(sql)).rows
    },
    copyToParquet: async (sql, folder) => {
      await inTurn(() => run(unloadSql(sql, folder)))
      return 0
    },
    register: (table, keys, folder) => inTurn(() => run(addPartitionSql(table, keys, folder))),
    close: () => undefined,
  }
  return { run: (sql) => inTurn(() => run(sql)), engine, statements, close: () => duckdb.close() }
}
