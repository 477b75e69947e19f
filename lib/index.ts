/**
 * What a program may use of Strongroom: an audit from top to bottom, its configuration, the catalogue, and SQL over a lake.
 * The same that the command line uses.
 */
export { type AuditOptions, type AuditResult, audit, type ProgressEvent } from './audit.ts'
export { loadConfig } from './config/load.ts'
export type { Config, ConfigInput, Severity } from './config/schema.ts'
export { type Control, loadControls } from './engine/controls.ts'
export { openDuckdb } from './engine/duckdb.ts'
export type { Engine, QueryResult } from './engine/engine.ts'
export type { Summary } from './report/summary.ts'
export { loadTables } from './sources.ts'
export { UsageError } from './usage-error.ts'
