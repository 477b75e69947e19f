import type { Column, Table } from '../lake/table.ts'
import { literal } from './engine.ts'

/** Types of the lake's columns as the Glue catalog names them. */
export const glueTypes: Record<Column['type'], string> = {
  string: 'string',
  boolean: 'boolean',
  int: 'int',
  bigint: 'bigint',
  double: 'double',
  timestamp: 'timestamp',
}

/** Athena takes no longer statement. */
const LONGEST_STATEMENT = 262_144

/** @throws Error where Athena would refuse the statement for its length */
export function checkStatement(name: string, sql: string): string {
  const bytes = Buffer.byteLength(sql)
  if (bytes <= LONGEST_STATEMENT) return sql
  throw new Error(`${name}: ${bytes} bytes of SQL, Athena takes ${LONGEST_STATEMENT}; shorten it`)
}

/** Writes a query's rows as Parquet below a folder that must be empty. */
export function unloadSql(sql: string, folder: string): string {
  return `UNLOAD (${sql}) TO ${literal(`${folder}/`)} WITH (format = 'PARQUET', compression = 'GZIP')`
}

/** Makes a folder the partition of a table; a partition that is there already stays what it is. */
export function addPartitionSql(
  table: string,
  values: Record<string, string>,
  folder: string,
): string {
  const keys = Object.entries(values).map(([key, value]) => `${key} = ${literal(value)}`)
  return `ALTER TABLE \`${table}\` ADD IF NOT EXISTS PARTITION (${keys.join(', ')}) LOCATION ${literal(`${folder}/`)}`
}

/** Selects of what was staged for a table that which an answer names. */
export function stagedSql(
  name: string,
  table: Table,
  { database, lake, runId }: { database: string; lake: string; runId: string },
): string {
  const columns = Object.keys(table.columns).map((column) => `"${column}"`)
  const run = literal(runId)
  return `select ${columns.join(', ')} from "${database}"."staging_${name}"
where run_id = ${run} and "$path" in (
  select ${literal(`${lake}/`)} || object from "${database}"."staging_staged_objects"
  where run_id = ${run} and table_name = ${literal(name)})`
}

/** The view through which people read a table's newest complete run: it names that run literally, so that Athena reads no other. */
export function latestViewSql(name: string, runId: string): string {
  return `CREATE OR REPLACE VIEW "latest_${name}" AS SELECT * FROM "${name}" WHERE run_id = ${literal(runId)}`
}
