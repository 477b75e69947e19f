import { expect } from 'vitest'
import type { Engine, QueryResult, Value } from '../../../lib/engine/engine.ts'

/**
 * Doubles are sums over rows that each engine adds up in an order of its own: what lies beyond twelve digits is not compared. All
 * else is compared as it is.
 */
const DIGITS = 12

/** Expects the same columns and the same rows in the same order, and answers how many rows those are. */
export function expectSame(trino: QueryResult, duckdb: QueryResult): number {
  expect(trino.columns).toEqual(duckdb.columns)
  expect(trino.rows.map(comparable)).toEqual(duckdb.rows.map(comparable))
  return trino.rows.length
}

/** A query's rows in the engine's own order of all their columns, so that the order is compared as well. */
export async function orderedRows(
  engine: Engine,
  sql: string,
  known?: string[],
): Promise<QueryResult> {
  const columns = known ?? (await engine.query(`select * from (${sql}) as answer limit 0`)).columns
  const order = columns.map((_, index) => index + 1).join(', ')
  return engine.query(`select * from (${sql}) as answer order by ${order}`)
}

function comparable(row: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' && !Number.isInteger(value)
        ? Number(value.toPrecision(DIGITS))
        : value,
    ]),
  )
}
