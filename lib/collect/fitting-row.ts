import type { ColumnType, StoredRow, Table } from '../lake/table.ts'

type Fits = (value: NonNullable<StoredRow[string]>) => boolean

const FITS: Record<ColumnType, Fits> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  int: (value) => isWhole(value, 2 ** 31),
  bigint: (value) => isWhole(value, 2 ** 63),
  double: (value) => typeof value === 'number' && Number.isFinite(value),
  timestamp: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
}

/** Half a day, or more bytes than a column holds, is nothing that AWS could have meant. */
function isWhole(value: NonNullable<StoredRow[string]>, bound: number): boolean {
  return Number.isInteger(value) && Number(value) >= -bound && Number(value) < bound
}

/**
 * A row as its table can hold it: a value of another type, or beyond the column's range, is none.
 * @param table undefined: nothing is known of its columns
 * @returns the row, and what is wrong with the first value that does not fit, beginning with its column
 */
export function fittingRow(
  table: Table | undefined,
  row: StoredRow,
): { fitting: StoredRow; misfit: string | undefined } {
  let fitting = row
  let misfit: string | undefined
  for (const [name, value] of Object.entries(row)) {
    const type = table?.columns[name]?.type
    if (value === null || value === undefined || !type || FITS[type](value)) continue
    misfit ??= `${name}: ${String(value).slice(0, 40)} is no ${type}`
    fitting = { ...fitting, [name]: null }
  }
  return { fitting, misfit }
}
