/** A value of a result, as plain JavaScript. */
export type Value = string | number | bigint | boolean | Date | null

export interface QueryResult {
  columns: string[]
  rows: Record<string, Value>[]
}

/** What differs between the engines that answer the same SQL. */
export interface Dialect {
  /** Lower-case hex of the SHA-256 of a varchar expression. */
  sha256Hex(expression: string): string
  /** The name by which a table of the lake is read, with the rows of all runs. */
  lakeTable(name: string): string
  /** The same where the statement asks for this run's rows alone, by `run_id`: no other run's files need be readable. */
  runTable(name: string, runId: string): string
  /** The same without what cannot be read; {@link Engine.leftOut} names it. */
  readableTable(name: string): string
  /** The distinct values of a varchar expression in a group, in order, separated by commas. */
  joined(expression: string): string
}

/** A file that cannot be read, and without which a statement was answered that allows for that. */
export interface LeftOut {
  file: string
  table: string
  run_id: string
  reason: string
}

/** Something that runs SQL over a lake. */
export interface Engine {
  dialect: Dialect
  query(sql: string): Promise<QueryResult>
  /** A query's rows in pieces, for results that are too large to hold. */
  stream(sql: string): AsyncGenerator<QueryResult['rows']>
  /** Writes a query's rows to a Parquet file that appears whole or not at all; zero rows still write the schema. */
  copyToParquet(sql: string, path: string): Promise<number>
  /**
   * Makes a folder a partition of a table, for an engine that does not find partitions by their names. Such an engine copies to folders,
   * not to files.
   */
  register?(table: string, keys: Record<string, string>, folder: string): Promise<void>
  /** What a statement reads, where the engine knows it by other means than a parser of its own. */
  inspect?(sql: string): Promise<{ reads: string[]; problems: string[]; isQuery: boolean }>
  /** What `readableTable` has left out so far; undefined for an engine that fails instead. */
  leftOut?(): LeftOut[]
  close(): void
}

export const duckdbDialect: Dialect = {
  sha256Hex: (expression) => `sha256(${expression})`,
  lakeTable: (name) => `lake.${name}`,
  runTable: (name, runId) => `lake.${name}__run_${runId.replace('-', '_')}`,
  readableTable: (name) => `lake.${name}__readable`,
  joined: (expression) => `string_agg(distinct ${expression}, ', ' order by ${expression})`,
}

/** The dialect of Athena engine v3, over a Glue database. */
export function athenaDialect(database: string): Dialect {
  const lakeTable = (name: string) => `"${database}"."${name}"`
  return {
    sha256Hex: (expression) => `lower(to_hex(sha256(to_utf8(${expression}))))`,
    lakeTable,
    // Partitions are pruned by the statement's condition.
    runTable: lakeTable,
    readableTable: lakeTable,
    joined: (expression) =>
      `array_join(array_agg(distinct ${expression} order by ${expression}), ', ')`,
  }
}

/** A string as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
