import type { Counters } from '../aws/meter.ts'
import type { Dialect, Engine, Value } from '../engine/engine.ts'
import { literal } from '../engine/engine.ts'
import { checkRunId } from '../engine/render.ts'
import type { Counts, Score, ScoredGroup, Summary, UnreadPart } from './summary.ts'
import { share, text, textOrNull } from './values.ts'
import { waiversOf } from './waivers.ts'

/** How many controls and accounts the summary names as the worst. */
const WORST = 5

type Row = Record<string, Value>

export interface SummaryOptions {
  startedAt: Date
  finishedAt: Date
  /** What was asked before anything was collected. */
  discoveryCalls: Counters
}

/** Sums a run up, from its inventory, findings and scores. */
export async function summarize(
  engine: Engine,
  runId: string,
  { startedAt, finishedAt, discoveryCalls }: SummaryOptions,
): Promise<Summary> {
  const of = ofRun(engine, runId)
  const [organization] = await of(`select * from {scores} where group_type = 'organization'`)
  const findings = await of(`
    select f.control_id, c.title, c.severity, c.family, f.status, count(*) as n
    from {findings} as f join {controls} as c on c.control_id = f.control_id
    group by f.control_id, c.title, c.severity, c.family, f.status
    order by f.control_id, f.status`)
  const [settings] = await of('select as_of from {settings}')
  const [regions] = await of('select count(*) as n from {regions}')
  return {
    run_id: runId,
    started_at: startedAt.toISOString(),
    finished_at: finishedAt.toISOString(),
    as_of: text(settings?.as_of),
    ...(await accountsOf(of)),
    regions: count(regions?.n),
    cells: await cellsOf(of),
    ...(await callsOf(of, discoveryCalls)),
    findings: countStatuses(findings),
    by_severity: grouped(findings, 'severity', (rows) => countStatuses(rows)),
    by_control: grouped(findings, 'control_id', (rows) => ({
      title: text(rows[0]?.title),
      severity: text(rows[0]?.severity),
      family: text(rows[0]?.family),
      ...countStatuses(rows),
    })),
    score: scoreOf(organization),
    coverage: share(organization?.coverage),
    worst_controls: await worst(of, 'control', 'controls', 'title', 'control_id'),
    worst_accounts: await worst(of, 'account', 'accounts', 'name', 'account_id'),
    unread: await unreadOf(of, engine.dialect),
    waivers: await waiversOf(of),
    ...damagedOf(engine),
  }
}

function damagedOf(engine: Engine): Pick<Summary, 'damaged'> {
  const left = engine.leftOut?.() ?? []
  if (left.length === 0) return {}
  return { damaged: left.map(({ file, run_id, reason }) => ({ file, run_id, reason })) }
}

type Ask = (sql: string) => Promise<Row[]>

/** `{table}` in a query stands for the rows that the run has of it. */
function ofRun(engine: Engine, runId: string): Ask {
  const run = literal(checkRunId(runId))
  return async (sql) => {
    const pinned = sql.replaceAll(
      /\{(\w+)\}/g,
      (_, table: string) =>
        `(select * from ${engine.dialect.runTable(table, runId)} where run_id = ${run})`,
    )
    return (await engine.query(pinned)).rows
  }
}

async function accountsOf(of: Ask): Promise<Pick<Summary, 'accounts' | 'not_audited'>> {
  const rows = await of(
    'select account_id, name, audited, not_audited_reason from {accounts} order by account_id',
  )
  return {
    accounts: rows.filter((row) => row.audited === true).length,
    not_audited: rows
      .filter((row) => row.audited !== true)
      .map((row) => ({
        account_id: text(row.account_id),
        name: textOrNull(row.name),
        reason: text(row.not_audited_reason),
      })),
  }
}

async function cellsOf(of: Ask): Promise<Summary['cells']> {
  const cells = await of(`
    select c.account_id, c.region,
      bool_and(c.status = 'not_applicable') as absent,
      bool_and(c.status in ('complete', 'not_applicable')) as complete,
      bool_and(c.status in ('unread', 'not_applicable')) as unread,
      coalesce(sum(a.resources), 0) = 0 as nothing
    from {coverage} as c
    left join {answers} as a
      on a.account_id = c.account_id and a.region = c.region and a.collector = c.collector
    where c.region <> 'global' group by c.account_id, c.region`)
  const [outside] = await of(`
    select count(*) as n from {accounts} as a cross join {regions} as r where not a.audited`)
  const kind = (row: Row) =>
    (row.absent && 'not_applicable') ||
    (row.complete && 'complete') ||
    (row.unread && 'unread') ||
    'partial'
  const counted = { complete: 0, partial: 0, unread: 0, not_applicable: 0 }
  for (const cell of cells) counted[kind(cell)]++
  const notRequested = count(outside?.n)
  const empty = cells.filter((cell) => kind(cell) === 'complete' && cell.nothing).length
  return { total: cells.length + notRequested, ...counted, empty, not_requested: notRequested }
}

async function callsOf(
  of: Ask,
  before: Counters,
): Promise<Pick<Summary, 'api_calls' | 'retries' | 'throttles'>> {
  const [sums] = await of(`
    select sum(calls) as calls, sum(retries) as retries, sum(throttles) as throttles from {answers}`)
  return {
    api_calls: before.calls + count(sums?.calls),
    retries: before.retries + count(sums?.retries),
    throttles: before.throttles + count(sums?.throttles),
  }
}

async function worst(
  of: Ask,
  group: string,
  names: string,
  name: string,
  id: string,
): Promise<ScoredGroup[]> {
  const rows = await of(`
    select s.group_id, n.${name} as name, s.value, s.low, s.high, s.failed, s.unknown
    from {scores} as s left join {${names}} as n on n.${id} = s.group_id
    where s.group_type = '${group}' and (s.failed > 0 or s.unknown > 0)
    order by s.value nulls last, s.low, s.failed desc, s.group_id limit ${WORST}`)
  return rows.map((row) => ({
    id: text(row.group_id),
    name: text(row.name),
    ...scoreOf(row),
    fail: count(row.failed),
    unknown: count(row.unknown),
  }))
}

async function unreadOf(of: Ask, { joined }: Dialect): Promise<UnreadPart[]> {
  const rows = await of(`
    with parts as (
      select account_id, region, collector, coalesce(resource_arn, collector) as what, cause, detail
      from {gaps}
      where cause not in ('service_absent', 'region_disabled', 'not_enrolled') and operation <> 'inputs'
      union all
      select account_id, region, collector, collector as what, cause, detail
      from {coverage} where cause = 'lost'
    )
    select p.account_id, a.name, p.region, p.cause, min(p.detail) as detail,
      ${joined('p.what')} as what
    from parts as p left join {accounts} as a on a.account_id = p.account_id
    group by p.account_id, a.name, p.region, p.cause order by p.account_id, p.region, p.cause`)
  return rows.map((row) => ({
    account_id: text(row.account_id),
    account_name: textOrNull(row.name),
    region: text(row.region),
    what: row.what === '*' ? 'everything' : text(row.what),
    cause: text(row.cause),
    detail: textOrNull(row.detail),
  }))
}

function countStatuses(rows: Row[]): Counts {
  const counts: Counts = { pass: 0, fail: 0, unknown: 0, waived: 0 }
  for (const row of rows) counts[text(row.status) as keyof Counts] += count(row.n)
  return counts
}

function grouped<T>(rows: Row[], column: string, of: (rows: Row[]) => T): Record<string, T> {
  const groups = Map.groupBy(rows, (row) => text(row[column]))
  return Object.fromEntries([...groups].map(([key, members]) => [key, of(members)]))
}

function scoreOf(row: Row | undefined): Score {
  return { value: share(row?.value), low: share(row?.low), high: share(row?.high) }
}

function count(value: Value | undefined): number {
  return Number(value ?? 0)
}
