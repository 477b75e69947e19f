import { gunzipSync } from 'node:zlib'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import type { StoredRow } from './table.ts'

/**
 * Reads a whole Parquet file of ours, in plain JavaScript, so that it works where DuckDB does not. (parquetjs-lite, which writes them,
 * cannot read back its own timestamps.)
 * @throws Error where the file is cut off or no Parquet
 */
export async function readParquet(path: string): Promise<StoredRow[]> {
  const file = await asyncBufferFromFile(path)
  try {
    const rows = await parquetReadObjects({
      file,
      compressors: { GZIP: (bytes) => gunzipSync(bytes) },
    })
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
