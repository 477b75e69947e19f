import { type DuckdbLimits, openDuckdb } from '../engine/duckdb.ts'
import type { Engine } from '../engine/engine.ts'
import { publishTables } from './tables.ts'

/**
 * Opens DuckDB over a lake on disk as publishing asks it: many statements of few rows each, of which a second thread would shorten none
 * and would hold memory of its own, unless the limits say otherwise.
 */
export function openPublishingEngine(lake: string, limits: DuckdbLimits = {}): Promise<Engine> {
  const threads = limits.threads ?? 1
  return openDuckdb({ lake, tables: publishTables, limits: { ...limits, threads }, frugal: true })
}
