import type { Engine } from '../engine/engine.ts'
import type { Lake } from '../lake/lake.ts'
import { createParquetFile, type ParquetFile } from '../lake/parquet.ts'
import { hubPlans, hubState, hubs, publications } from '../lake/run-tables.ts'

/** The tables that publications write. */
export const hubTables = { hub_state: hubState, hub_plans: hubPlans, publications, hubs }
export type HubTable = keyof typeof hubTables

/** What one attempt at a publication writes: a folder of its own in each table. */
export interface Store {
  /** Keeps what a query answers. */
  copy(table: HubTable, sql: string): Promise<void>
  /** Keeps the rows that `fill` appends, all or none. */
  fill(table: HubTable, fill: (file: Pick<ParquetFile, 'append'>) => Promise<void>): Promise<void>
  /** Removes what was kept of a table. */
  forget(table: HubTable): Promise<void>
}

/** Opens the place of an attempt. A folder counts when it is whole: as a partition, where the engine asks for that. */
export function openStore(
  engine: Engine,
  lake: Lake,
  { runId, attempt }: { runId: string; attempt: string },
): Store {
  const folder = (table: HubTable) => `${table}/run_id=${runId}/${attempt}`
  const register = (table: HubTable) =>
    engine.register?.(table, { run_id: runId, publication: attempt }, lake.path(folder(table)))
  return {
    async copy(table, sql) {
      const name = engine.register ? folder(table) : `${folder(table)}/data.parquet`
      await engine.copyToParquet(sql, lake.path(name))
      await register(table)
    },
    async fill(table, fill) {
      await lake.place(`${folder(table)}/data.parquet`, async (path) => {
        const file = await createParquetFile(hubTables[table], path)
        try {
          await fill(file)
          await file.commit()
        } catch (error) {
          await file.discard()
          throw error
        }
      })
      await register(table)
    },
    forget: (table) => lake.remove(folder(table)),
  }
}
