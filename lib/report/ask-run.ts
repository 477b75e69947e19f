import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadControls, loadViews, queriesFolder } from '../engine/controls.ts'
import type { Engine, Value } from '../engine/engine.ts'
import { type Library, openLibrary, renderForRun } from '../engine/render.ts'
import { renderScores } from '../engine/score.ts'
import type { Table } from '../lake/table.ts'

export type Row = Record<string, Value>

/** Asks one run for rows of certain accounts, or of all. */
export interface RunReader {
  /** Whether the lake has such a table. */
  tables: Record<string, Table>
  sql(sql: string): Promise<Row[]>
  /** `queries/report/<name>.sql`. */
  report(name: string): Promise<Row[]>
  /** The roll-up: as it is stored, or of the given accounts alone. */
  scores(): Promise<Row[]>
}

export async function readRunOf(
  engine: Engine,
  runId: string,
  { tables, accounts }: { tables: Record<string, Table>; accounts?: readonly string[] | undefined },
): Promise<RunReader> {
  const opened = await openLibrary(engine, tables, loadViews())
  const library: Library = accounts ? { ...opened, accounts } : opened
  const sql = async (text: string) =>
    (await engine.query(await renderForRun(engine, library, runId, text))).rows
  return {
    tables,
    sql,
    report: async (name) =>
      sql((await readFile(join(queriesFolder, 'report', `${name}.sql`), 'utf8')).trim()),
    async scores() {
      if (!accounts) return sql('select * from scores')
      const judged = new Set(
        (await sql('select control_id from controls')).map((row) => row.control_id),
      )
      const controls = loadControls().filter(({ id }) => judged.has(id))
      return (await engine.query(await renderScores(engine, library, runId, controls))).rows
    },
  }
}
