import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  loadControls,
  loadCoverage,
  loadViews,
  queriesFolder,
  statementsOf,
} from '../engine/controls.ts'
import type { Engine } from '../engine/engine.ts'
import { inspectSql } from '../engine/portable-sql.ts'
import { hubStatements } from '../securityhub/statements.ts'

/** What each statement of `queries/` reads, by the statement's hash. */
export type KnownStatements = Record<string, string[]>

/**
 * Parses every statement that a run may render. The parser is DuckDB's and stays where this is called, on the machine that
 * deploys: a Lambda gets only what was found.
 */
export async function knowStatements(engine: Engine): Promise<KnownStatements> {
  const whole = ['wrapper.sql', 'waived.sql', join('scores', 'scores.sql')]
  const ofReport = readdirSync(join(queriesFolder, 'report')).map((file) => join('report', file))
  const statements = [
    ...[...whole, ...ofReport].map((file) =>
      readFileSync(join(queriesFolder, file), 'utf8').trim(),
    ),
    ...Object.values(loadViews()),
    ...Object.values(loadCoverage()),
    ...loadControls().flatMap((control) => statementsOf(control).map(([, sql]) => sql)),
  ]
  const known: KnownStatements = {}
  for (const sql of statements) {
    const { reads, problems } = await inspectSql(engine, sql)
    if (problems.length > 0) throw new Error(`${problems.join('; ')} in: ${sql}`)
    known[hashOf(sql)] = reads
  }
  // These may use a few functions more than controls; a test of theirs says which.
  for (const sql of hubStatements()) known[hashOf(sql)] = (await inspectSql(engine, sql)).reads
  return known
}

/** Answers from what is known. What the renderers themselves write has no `with`, and is told by its form. */
export function inspectKnown(known: KnownStatements): NonNullable<Engine['inspect']> {
  return async (sql) => {
    const reads = known[hashOf(sql)] ?? readsOfRendered(sql)
    if (!reads) throw new Error(`the deployed parser does not know this statement: ${sql}`)
    return { reads, problems: [], isQuery: true }
  }
}

/** The relations after each `from` and `join`; one that is named with its schema is pinned to a run already. */
function readsOfRendered(sql: string): string[] | undefined {
  const bare = sql.replaceAll(/'(?:[^']|'')*'/g, "''").replaceAll(/--.*/g, '')
  if (/\bwith\b/.test(bare)) return undefined
  const names = bare.matchAll(/\b(?:from|join)\s+(?:(\w+)(?![.\w])|"[^"]+"\."[^"]+"|\w+\.\w+|\()/g)
  return [...new Set([...names].flatMap(([, name]) => name ?? []))]
}

function hashOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex').slice(0, 32)
}
