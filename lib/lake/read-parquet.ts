import { gunzipSync } from 'node:zlib'
import {
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet'
import type { StoredRow } from './table.ts'

/**
 * Reads a whole Parquet file of ours, in plain JavaScript, so that it works where DuckDB does not. (parquetjs-lite, which writes them,
 * cannot read back its own timestamps.)
 * @throws Error where the file is cut off or no Parquet
 */
export async function readParquet(path: string): Promise<StoredRow[]> {
  const file = await asyncBufferFromFile(path)
  try {
    const metadata = await parquetMetadataAsync(file)
    refuseStrangeColumns(metadata, file.byteLength)
    const rows = await parquetReadObjects({
      file,
      metadata,
      compressors: { GZIP: pageReader(file.byteLength) },
    })
    return rows.map(plain)
  } catch (cause) {
    throw new Error(`cannot read ${path}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  }
}

/** A page's header and its content take more bytes than this. */
const BYTES_OF_A_PAGE = 16

/** Unpacks pages, no more than a file of so many bytes can hold: a header that leads back to where it stands would be followed for ever. */
function pageReader(bytes: number): (page: Uint8Array) => Uint8Array {
  let left = Math.ceil(bytes / BYTES_OF_A_PAGE)
  return (page) => {
    if (left-- <= 0) throw new Error('its pages lead round in a circle')
    return gunzipSync(page)
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
 * group names, but waits for those of the schema: what fails in another would end the process. Our columns are flat: as many values as rows.
 * @throws Error where a row group's columns are not the schema's, each once and whole within the file
 */
function refuseStrangeColumns({ schema, row_groups }: FileMetaData, bytes: number): void {
  const declared = schema.slice(1)
  for (const { columns, num_rows } of row_groups) {
    const same =
      columns.length === declared.length &&
      columns.every(({ meta_data: held }, n) => {
        if (!held || held.path_in_schema.join('.') !== declared[n]?.name) return false
        const end = Number(held.data_page_offset) + Number(held.total_compressed_size)
        return held.type === declared[n].type && held.num_values === num_rows && end <= bytes
      })
    if (!same || new Set(declared.map(({ name }) => name)).size !== declared.length) {
      throw new Error('its columns are not those of its schema')
    }
  }
}
