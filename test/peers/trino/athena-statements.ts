import { randomUUID } from 'node:crypto'
import { addPartitionSql, unloadSql } from '../../../lib/engine/athena-sql.ts'
import { type Engine, literal } from '../../../lib/engine/engine.ts'
import { type Trino, TrinoError } from './engine.ts'

/** Trino as an engine that unloads and registers as Athena does. */
export function asAthena(trino: Trino, schema: string): Engine {
  return {
    ...trino,
    copyToParquet: async (sql, folder) => {
      await runOnTrino(trino, schema, unloadSql(sql, folder))
      return 0
    },
    register: (table, keys, folder) =>
      runOnTrino(trino, schema, addPartitionSql(table, keys, folder)),
  }
}

/**
 * Runs a statement of the pipeline as Athena would. Only what is Athena's own is put in other words; what is within goes to Trino
 * as it stands:
 * - `UNLOAD (query) TO folder WITH (…)` → `CREATE TABLE … AS query` over that folder,
 * - `ALTER TABLE … ADD IF NOT EXISTS PARTITION`, which Athena gives to Hive's parser, → `CALL system.register_partition`.
 */
export async function runOnTrino(trino: Trino, schema: string, sql: string): Promise<void> {
  const unload = unloadedBy(sql)
  if (unload) {
    const { query, folder } = unload
    const table = `unload_${randomUUID().replaceAll('-', '')}`
    const properties = `format = 'PARQUET', external_location = ${folder}`
    await trino.run(`CREATE TABLE hive.unloads.${table} WITH (${properties}) AS ${query}`)
    return
  }
  const partition =
    /^ALTER TABLE `(\w+)` ADD IF NOT EXISTS PARTITION \((.*)\) LOCATION ('[^']+')$/.exec(sql)
  if (partition) {
    const [, table = '', keys = '', folder = ''] = partition
    const pairs = [...keys.matchAll(/(\w+) = ('(?:[^']|'')*')/g)]
    const names = pairs.map(([, name = '']) => literal(name)).join(', ')
    const values = pairs.map(([, , value]) => value).join(', ')
    await trino
      .run(
        `CALL hive.system.register_partition(${literal(schema)}, ${literal(table)}, ARRAY[${names}], ARRAY[${values}], ${folder})`,
      )
      .catch((error: unknown) => {
        if (!(error instanceof TrinoError) || error.code !== 'ALREADY_EXISTS') throw error
      })
    return
  }
  if (!/^CREATE OR REPLACE VIEW /.test(sql))
    throw new Error(`the pipeline has no such statement: ${sql}`)
  await trino.run(sql)
}

/** What an `UNLOAD` writes, and the folder as a literal; undefined for another statement. */
export function unloadedBy(sql: string): { query: string; folder: string } | undefined {
  const found =
    /^UNLOAD \(([\s\S]*)\) TO ('[^']+') WITH \(format = 'PARQUET', compression = 'GZIP'\)$/.exec(
      sql,
    )
  return found ? { query: found[1] ?? '', folder: found[2] ?? '' } : undefined
}
