import { join } from 'node:path'
import type { Slice } from '../collect/answer.ts'
import { type Engine, literal } from '../engine/engine.ts'
import { LakeFileError } from '../engine/lake-views.ts'

/**
 * Refuses staged objects that hold fewer rows than were written to them. A cut off file cannot be read; one in whose footer a bit flipped may be
 * read without an error, as one of no rows, and what is not there passes.
 * @param options.counts rows by table that were read from staged objects
 * @param options.slices those that count: what they wrote, and where
 * @throws LakeFileError that names the first such object
 */
export async function refuseLostRows(
  engine: Engine,
  { lake, counts, slices }: { lake: string; counts: Record<string, number>; slices: Slice[] },
): Promise<void> {
  const written = new Map<string, Map<string, number>>()
  for (const { rows, objects } of slices) {
    for (const [table, object] of Object.entries(objects)) {
      const ofTable = written.get(table) ?? new Map<string, number>()
      ofTable.set(object, (ofTable.get(object) ?? 0) + (rows[table] ?? 0))
      written.set(table, ofTable)
    }
  }
  for (const [table, objects] of written) {
    const all = [...objects.values()].reduce((sum, rows) => sum + rows, 0)
    if ((counts[table] ?? 0) >= all) continue
    for (const [object, rows] of objects) {
      const held = await countRows(engine, join(lake, object))
      if (held < rows) {
        throw new LakeFileError(join(lake, object), `it holds ${held} of the ${rows} rows written`)
      }
    }
  }
}

async function countRows(engine: Engine, file: string): Promise<number> {
  const { rows } = await engine.query(
    `select cast(count(*) as bigint) as n from read_parquet(${literal(file)}, hive_partitioning = false)`,
  )
  return Number(rows[0]?.n)
}
