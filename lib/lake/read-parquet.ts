import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet'
import { checkPages } from './parquet-pages.ts'
import type { StoredRow } from './table.ts'

/**
 * Reads a whole Parquet file of ours, in plain JavaScript, so that it works where DuckDB does not. (parquetjs-lite, which writes them,
 * cannot read back its own timestamps.)
 * @throws Error where the file is cut off, damaged or none that our writer wrote
 */
export async function readParquet(path: string): Promise<StoredRow[]> {
  const bytes = await readFile(path)
  const file = {
    byteLength: bytes.length,
    slice: (start: number, end?: number) => Uint8Array.from(bytes.subarray(start, end)).buffer,
  }
  try {
    const metadata = parquetMetadata(file.slice(0))
    refuseStrangeColumns(metadata, bytes)
    const compressors = { GZIP: (page: Uint8Array) => gunzipSync(page) }
    const rows = await parquetReadObjects({ file, metadata, compressors })
    return rows.map(plain)
  } catch (cause) {
    throw new Error(`cannot read ${path}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  }
}

/** 64-bit integers as numbers: ours are counts, days and bytes, far below 2^53. */
function plain(row: Record<string, unknown>): StoredRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      (typeof value === 'bigint' ? Number(value) : value) as StoredRow[string],
    ]),
  )
}

/**
 * The reader follows whatever counts and places a footer names, to no end where they are wrong; and it begins with every column that a row
 * group names, but waits for those of the schema: what fails in another would end the process.
 * @throws Error where a row group's columns are not the schema's, each once, whole within the file and of pages of ours
 */
function refuseStrangeColumns(metadata: FileMetaData, bytes: Uint8Array): void {
  const { schema, row_groups, num_rows: all } = metadata
  if (row_groups.reduce((sum, { num_rows }) => sum + num_rows, 0n) !== all) {
    throw new Error('its groups do not hold its rows')
  }
  const declared = schema.slice(1)
  const names = new Set(declared.map(({ name }) => name))
  for (const { columns, num_rows } of row_groups) {
    const strange =
      columns.length !== declared.length ||
      names.size !== declared.length ||
      columns.some(({ meta_data: held }, n) => {
        const { name, type } = declared[n] ?? {}
        return held?.path_in_schema.join('.') !== name || held?.type !== type
      })
    if (strange) throw new Error('its columns are not those of its schema')
    for (const { meta_data: held } of columns) {
      const start = Number(held?.data_page_offset)
      const end = start + Number(held?.total_compressed_size)
      if (held?.dictionary_page_offset || !(start >= 0 && start <= end && end <= bytes.length)) {
        throw new Error('a column of it is not where it should be')
      }
      checkPages(bytes.subarray(start, end), Number(num_rows))
    }
  }
}
