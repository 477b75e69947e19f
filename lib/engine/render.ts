import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CoverageTable } from '../lake/run-tables.ts'
import type { Table } from '../lake/table.ts'
import { type Control, loadCoverage, loadViews, queriesFolder, statementsOf } from './controls.ts'
import { type Dialect, type Engine, literal } from './engine.ts'
import { inspectSql } from './portable-sql.ts'
import { putBefore } from './put-before.ts'
import { valuesSql } from './values.ts'

/** What every statement of a run is rendered with. */
export interface Library {
  dialect: Dialect
  tables: Record<string, Table>
  views: Record<string, string>
  /** Per view and named statement: the tables and views it reads. */
  reads: Map<string, string[]>
  /** Only rows of these accounts are read, where it is given: what is asked for an owner holds nobody else's. */
  accounts?: readonly string[]
}

/** A CTE that a statement is given. What is only values reads nothing, and need not be parsed to know it. */
export type Given = [name: string, body: string, reads?: 'nothing']

/** Tables about the run, which belong to no account in particular. */
const RUN_WIDE = new Set([
  'settings',
  'controls',
  'regions',
  'collectors',
  'collector_tables',
  'trusted_accounts',
  'isolation_required',
  'waivers',
])

const runIdPattern = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/

/** A statement that cannot be rendered. */
export class RenderError extends Error {
  override name = 'RenderError'
}

/** Refuses what is not a run id, before it gets into SQL or a path. */
export function checkRunId(runId: string): string {
  if (!runIdPattern.test(runId)) throw new RenderError(`not a run id: ${JSON.stringify(runId)}`)
  return runId
}

/** Parses the views once, so that statements can be rendered over them. */
export async function openLibrary(
  engine: Engine,
  tables: Record<string, Table>,
  views: Record<string, string>,
): Promise<Library> {
  const reads = new Map<string, string[]>()
  for (const [name, sql] of Object.entries(views)) {
    const inspection = await inspectSql(engine, sql)
    if (inspection.problems.length > 0) {
      throw new RenderError(`view ${name}: ${inspection.problems.join('; ')}`)
    }
    reads.set(name, inspection.reads)
  }
  return { dialect: engine.dialect, tables, views, reads }
}

/** The tables and views behind names, views after what they read. */
export function closure(library: Library, names: Iterable<string>, given: ReadonlySet<string>) {
  const tables = new Set<string>()
  const views = new Set<string>()
  const open = new Set<string>()
  const visit = (name: string): void => {
    if (given.has(name) || views.has(name)) return
    const reads = library.reads.get(name)
    if (!reads) {
      if (!library.tables[name]) throw new RenderError(`no such table or view: ${name}`)
      tables.add(name)
      return
    }
    if (open.has(name)) throw new RenderError(`view ${name} reads itself`)
    open.add(name)
    for (const read of reads) visit(read)
    views.add(name)
  }
  for (const name of names) visit(name)
  return { tables: [...tables].sort(), views: [...views] }
}

/**
 * Puts before a query what it reads of one run: tables, then views, then the CTEs given. What is no query, or more than one, ends up
 * in parentheses, where an engine refuses it.
 */
export async function renderForRun(
  engine: Engine,
  library: Library,
  runId: string,
  sql: string,
  given: Given[] = [],
): Promise<string> {
  checkRunId(runId)
  const names = new Set(given.map(([name]) => name))
  const reads: string[] = []
  const unknown = given.filter(([, , nothing]) => nothing === undefined)
  for (const statement of [sql, ...unknown.map(([, body]) => body)]) {
    reads.push(...(await inspectSql(engine, statement)).reads)
  }
  const needed = closure(library, reads, names)
  const ctes: [string, string][] = [
    ...needed.tables.map((name): [string, string] => [name, tableSql(library, runId, name)]),
    ...needed.views.map((name): [string, string] => [name, library.views[name] ?? '']),
    ...given.map(([name, body]): [string, string] => [name, body]),
  ]
  const { isQuery } = await inspectSql(engine, sql)
  return putBefore(ctes, isQuery ? sql : `select * from (\n${sql}\n) as answer`)
}

/**
 * Renders one control for one run: its judgement within the fixed wrapper, and the id of each finding. Waivers are looked through only
 * where there are any of this control: to have each finding once they must be gathered, which takes the memory of all of them.
 */
export async function renderControl(
  engine: Engine,
  library: Library,
  runId: string,
  control: Control,
): Promise<string> {
  const subjects = control.subject.map((table) => [literal(table)])
  const evidence = control.evidence.map(({ table, confined }) => [literal(table), String(confined)])
  const header = `select ${literal(control.id)} as control_id, ${literal(control.severity)} as severity,
  ${literal(control.family)} as family`
  const prefix = `strongroom/${control.id}/`
  const key =
    "cast(length(resource_arn) as varchar) || ':' || resource_arn || coalesce(related_arn, '')"
  const hash = `substr(${library.dialect.sha256Hex(key)}, 1, 32)`
  const id = `${literal(prefix)} || account_id || '/' || region || '/' || ${hash}`
  return renderForRun(
    engine,
    library,
    runId,
    `select account_id, region, observed_at, ${id} as finding_id, resource_arn, resource_type,
  related_arn, status, reason, severity, family
from ${control.waived ? 'waived' : 'found'}`,
    [
      ['this_control', header, 'nothing'],
      ['control_subjects', valuesSql({ table_name: "''" }, subjects), 'nothing'],
      ['control_evidence', valuesSql({ table_name: "''", confined: 'false' }, evidence), 'nothing'],
      ...statementsOf(control),
      ['found', aroundControls('wrapper.sql')],
      ...(control.waived ? [['waived', aroundControls('waived.sql')] satisfies Given] : []),
    ],
  )
}

function aroundControls(file: string): string {
  return readFileSync(join(queriesFolder, file), 'utf8').trim()
}

/** The condition that a row is of one of these accounts. */
export function ofAccounts(accounts: readonly string[]): string {
  return accounts.length > 0 ? `account_id in (${accounts.map(literal).join(', ')})` : 'false'
}

/** Renders the computation of a run's coverage, and of what it says of each table, each from what the run wrote before. */
export async function renderCoverage(
  engine: Engine,
  { runId, tables }: { runId: string; tables: Record<string, Table> },
): Promise<Record<CoverageTable, string>> {
  const library = await openLibrary(engine, tables, { ...loadViews(), ...loadCoverage() })
  const rendered = (name: CoverageTable) =>
    renderForRun(engine, library, runId, `select * from ${name}`)
  return { coverage: await rendered('coverage'), table_coverage: await rendered('table_coverage') }
}

function tableSql(library: Library, runId: string, name: string): string {
  const columns = Object.keys(library.tables[name]?.columns ?? {}).join(', ')
  const pinned = `select ${columns} from ${library.dialect.runTable(name, runId)} where run_id = ${literal(runId)}`
  if (!library.accounts || RUN_WIDE.has(name)) return pinned
  return `${pinned} and ${ofAccounts(library.accounts)}`
}
