import type { Slice } from '../collect/answer.ts'

/** Staged Parquet objects by table, relative to the lake, with the rows that were written to each: what of the staging counts. */
export type Staged = Map<string, Map<string, number>>

/** Counts rows of an object; slices of one attempt may share it. */
export function countRows(
  staged: Staged,
  { table, object, rows }: { table: string; object: string; rows: number },
): void {
  const ofTable = staged.get(table) ?? new Map<string, number>()
  staged.set(table, ofTable.set(object, (ofTable.get(object) ?? 0) + rows))
}

/** Counts what a slice staged. */
export function countSlice(staged: Staged, { objects, rows }: Slice): void {
  for (const [table, object] of Object.entries(objects)) {
    countRows(staged, { table, object, rows: rows[table] ?? 0 })
  }
}

/** The names of the objects, by table. */
export function namesOf(staged: Staged): Record<string, string[]> {
  return Object.fromEntries([...staged].map(([table, objects]) => [table, [...objects.keys()]]))
}

/** All rows of one table; none where nothing of it is staged. */
export function rowsOf(staged: Staged, table: string): number {
  return [...(staged.get(table)?.values() ?? [])].reduce((sum, rows) => sum + rows, 0)
}
