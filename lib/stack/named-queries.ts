import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { loadViews, queriesFolder } from '../engine/controls.ts'
import { openDuckdb } from '../engine/duckdb.ts'
import type { Engine } from '../engine/engine.ts'
import { inspectSql } from '../engine/portable-sql.ts'
import { putBefore } from '../engine/put-before.ts'
import { closure, openLibrary } from '../engine/render.ts'
import type { Table } from '../lake/table.ts'

/** A question that Athena keeps for people. */
export interface NamedQuery {
  name: string
  description: string
  sql: string
}

/** The examples of `queries/examples`, each over the newest complete run. */
export async function namedQueries(
  tables: Record<string, Table>,
  folder = join(queriesFolder, 'examples'),
): Promise<NamedQuery[]> {
  const engine = await openDuckdb({ lake: folder, tables: {} })
  try {
    const files = readdirSync(folder).filter((file) => file.endsWith('.sql'))
    return await Promise.all(
      files.sort().map(async (file) => {
        const text = readFileSync(join(folder, file), 'utf8').trim()
        return {
          name: basename(file, '.sql'),
          description: descriptionOf(text).slice(0, 1024),
          sql: await overLatest(engine, tables, text),
        }
      }),
    )
  } finally {
    engine.close()
  }
}

async function overLatest(
  engine: Engine,
  tables: Record<string, Table>,
  sql: string,
): Promise<string> {
  const library = await openLibrary(engine, tables, loadViews())
  const { reads } = await inspectSql(engine, sql)
  const needed = closure(library, reads, new Set())
  const ctes: [string, string][] = [
    ...needed.tables.map((name): [string, string] => [name, `select * from "latest_${name}"`]),
    ...needed.views.map((name): [string, string] => [name, library.views[name] ?? '']),
  ]
  return putBefore(ctes, sql.replace(/;$/, ''))
}

function descriptionOf(sql: string): string {
  const comments = sql.split('\n').filter((line) => line.startsWith('--'))
  return comments.map((line) => line.replace(/^--\s*(\w+:\s*)?/, '')).join(' ') || 'An example'
}
