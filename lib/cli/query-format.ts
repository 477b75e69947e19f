import Table from 'cli-table3'
import { stringify } from 'csv-stringify/sync'
import type { QueryResult } from '../engine/engine.ts'
import { visible } from '../report/grid.ts'

/** What the answer to a query is printed as; Parquet is written to a file. */
export const QUERY_FORMATS = ['table', 'csv', 'json', 'parquet'] as const

export type QueryFormat = (typeof QUERY_FORMATS)[number]

/** An answer as text. Control characters of names are shown, and formulas are text. */
export function formatAnswer(
  { columns, rows }: QueryResult,
  as: Exclude<QueryFormat, 'parquet'>,
): string {
  const plain = rows.map((row) =>
    Object.fromEntries(columns.map((column) => [column, plainValue(row[column])])),
  )
  if (as === 'json') return `${JSON.stringify(plain, undefined, 2)}\n`
  if (as === 'csv') {
    const inert = plain.map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key, inertText(value)])),
    )
    return stringify(inert, { header: true, columns, escape_formulas: true })
  }
  const table = new Table({ head: columns, style: { head: [], border: [] } })
  for (const row of plain) table.push(columns.map((column) => visible(String(row[column] ?? ''))))
  return `${table.toString()}\n`
}

/** Line breaks and tabs are CSV's own affair; other control characters would be commands to a terminal. */
function inertText(value: string | number | boolean | null): string | number | boolean | null {
  if (typeof value !== 'string') return value
  return value
    .split(/([\n\r\t])/)
    .map((part, index) => (index % 2 ? part : visible(part)))
    .join('')
}

function plainValue(value: unknown): string | number | boolean | null {
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' || typeof value === 'boolean') return value
  return value === null || value === undefined ? null : String(value)
}
