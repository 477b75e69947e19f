import { join } from 'node:path'
import { type Engine, literal } from '../engine/engine.ts'
import { LakeFileError } from '../engine/lake-views.ts'
import { rowsOf, type Staged } from './staged.ts'

/**
 * Refuses staged objects that hold fewer rows than were written to them. A cut off file cannot be read; one in whose footer a bit flipped may be
 * read without an error, as one of no rows, and what is not there passes.
 * @param options.counts rows by table that were read from staged objects
 * @throws LakeFileError that names the first such object
 */
export async function refuseLostRows(
  engine: Engine,
  { lake, counts, staged }: { lake: string; counts: Record<string, number>; staged: Staged },
): Promise<void> {
  for (const [table, objects] of staged) {
    if ((counts[table] ?? 0) >= rowsOf(staged, table)) continue
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
