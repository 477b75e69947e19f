import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import parquetjs, { type FieldDefinition, type ParquetSchema } from 'parquetjs-lite'
import { columnBuffer } from './column-buffer.ts'
import type { ColumnType, StoredRow, Table } from './table.ts'

/**
 * Rows held in memory before they are written. Measured: 10,000 keep a writer of recovery points near 250 MB resident, 50,000
 * need 430 MB, at the same speed.
 */
const ROWS_PER_GROUP = 10_000

/** TIMESTAMP_MILLIS as INT64 is what Athena's `timestamp(3)` reads; INT96 is legacy. */
const PARQUET_TYPES: Record<ColumnType, FieldDefinition['type']> = {
  string: 'UTF8',
  boolean: 'BOOLEAN',
  int: 'INT32',
  bigint: 'INT64',
  double: 'DOUBLE',
  timestamp: 'TIMESTAMP_MILLIS',
}

/** One Parquet file being written; it takes its final name only by {@link ParquetFile.commit}. */
export interface ParquetFile {
  path: string
  /** Resolves when the row is taken over: a caller that awaits it never runs ahead of the disk. */
  append(row: StoredRow): Promise<void>
  /** Closes the file and renames it into place. */
  commit(): Promise<void>
  /** Leaves nothing behind. */
  discard(): Promise<void>
}

/**
 * Opens a Parquet file of a declared table. Every column is optional, none is inferred from the rows.
 * @param rowsPerGroup rows held in memory before they are written
 */
export async function createParquetFile(
  table: Table,
  path: string,
  rowsPerGroup = ROWS_PER_GROUP,
): Promise<ParquetFile> {
  const temporary = `${path}.tmp`
  await mkdir(dirname(path), { recursive: true })
  const writer = await parquetjs.ParquetWriter.openFile(parquetSchema(table), temporary, {
    rowGroupSize: rowsPerGroup,
    pageIndex: false,
  })
  const buffer = columnBuffer(table)

  /** The writer gets the rows in columns, and flushes the group when it takes the last one itself. */
  async function add(row: StoredRow): Promise<void> {
    if (buffer.rows() < rowsPerGroup - 1) return buffer.add(row)
    writer.rowBuffer = buffer.take() ?? writer.rowBuffer
    await writer.appendRow(withoutNulls(row))
  }

  // The writer must not be entered again while it flushes a row group, so rows queue behind one another.
  let tail: Promise<void> = Promise.resolve()
  return {
    path,
    append(row) {
      tail = tail.then(() => add(row))
      return tail
    },
    async commit() {
      try {
        await tail
        writer.rowBuffer = buffer.take() ?? writer.rowBuffer
        await writer.close()
        await rename(temporary, path)
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    },
    async discard() {
      const close = () => writer.close()
      // Closing writes what is left, for which there may be no room.
      await tail.then(close, close).catch(() => undefined)
      await rm(temporary, { force: true })
    },
  }
}

/** Writes rows that are already at hand as one file. */
export async function writeParquet(table: Table, path: string, rows: StoredRow[]): Promise<void> {
  const file = await createParquetFile(table, path)
  for (const row of rows) await file.append(row)
  await file.commit()
}

/**
 * Without statistics and page indices: the writer's indices lack fields that the format requires, and Trino refuses to filter such a
 * file; and it compares text as UTF-16, so that an engine may skip what it looks for. Both are for filters, and these files
 * are read whole.
 */
function parquetSchema(table: Table): ParquetSchema {
  return new parquetjs.ParquetSchema(
    Object.fromEntries(
      Object.entries(table.columns).map(([name, column]) => [
        name,
        {
          type: PARQUET_TYPES[column.type],
          optional: true,
          compression: 'GZIP',
          statistics: false,
        },
      ]),
    ),
  )
}

/** parquetjs-lite takes an absent property for null, and `null` for an error. */
function withoutNulls(row: StoredRow): StoredRow {
  const present: StoredRow = {}
  for (const name in row) {
    const value = row[name]
    if (value !== null && value !== undefined) present[name] = value
  }
  return present
}
