import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadControls, loadViews, queriesFolder, statementsOf } from '../engine/controls.ts'
import type { Engine } from '../engine/engine.ts'
import { inspectSql } from '../engine/portable-sql.ts'

/** What each statement of `queries/` reads, by the statement's hash. */
export type KnownStatements = Record<string, string[]>

/**
 * Parses every statement that a run may render. The parser is DuckDB's and stays where this is called, on the machine that
 * deploys: a Lambda gets only what was found.
 */
export async function knowStatements(engine: Engine): Promise<KnownStatements> {
  const whole = ['coverage.sql', 'wrapper.sql', join('scores', 'scores.sql')]
  const statements = [
    ...whole.map((file) => readFileSync(join(queriesFolder, file), 'utf8').trim()),
    ...Object.values(loadViews()),
    ...loadControls().flatMap((control) => statementsOf(control).map(([, sql]) => sql)),
  ]
  const known: KnownStatements = {}
  for (const sql of statements) {
    const { reads, problems } = await inspectSql(engine, sql)
    if (problems.length > 0) throw new Error(`${problems.join('; ')} in: ${sql}`)
    known[hashOf(sql)] = reads
  }
  return known
}

/** Answers from what is known. What the renderer itself writes reads one relation at most, and is told by its form. */
export function inspectKnown(known: KnownStatements): NonNullable<Engine['inspect']> {
  return async (sql) => {
    const reads = known[hashOf(sql)] ?? readsOfRendered(sql)
    if (!reads) throw new Error(`the deployed parser does not know this statement: ${sql}`)
    return { reads, problems: [] }
  }
}

function readsOfRendered(sql: string): string[] | undefined {
  const [first = '', relation, ...more] = sql.replaceAll(/'(?:[^']|'')*'/g, "''").split(/\bfrom\b/)
  if (more.length > 0 || /\bjoin\b/.test(first)) return undefined
  if (relation === undefined) return []
  const [, name] = /^\s*(\w+)\s*$/.exec(relation) ?? []
  return name ? [name] : undefined
}

function hashOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex').slice(0, 32)
}
