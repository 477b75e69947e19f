import { loadControls } from '../engine/controls.ts'
import type { Engine } from '../engine/engine.ts'
import { literal } from '../engine/engine.ts'
import type { Table } from '../lake/table.ts'
import { UsageError } from '../usage-error.ts'
import { type Row, type RunReader, readRunOf } from './ask-run.ts'
import type { CellStatus, KeyClass, PageData, PageScore, Scope } from './page-data.ts'
import { MAX_LISTED } from './page-findings.ts'
import { trendOf } from './trend.ts'
import { namesAbove, unitNames } from './unit-names.ts'
import { share, text, textOrNull } from './values.ts'

/** At most this many rows of who can do what are embedded. */
const MAX_POWERS = 5_000

/** Powers by which backups are lost: of the backups, of the locks that hold them, of the keys they are read with. */
const DESTROYING = ['destroy_backups', 'unlock_vaults', 'destroy_keys']

const HOLDS = {
  recovery_points: 'recovery points',
  vaults: 'vaults',
  ebs_snapshots: 'EBS snapshots',
  rds_backups: 'RDS backups',
  other_backups: 'other backups',
}

export interface GatherOptions {
  runId: string
  tables: Record<string, Table>
  /** Whose rows: the organization's when undefined. */
  scope?: Scope | undefined
}

export interface Gathered {
  data: PageData
  /** The accounts whose rows the page holds; all when undefined. */
  accounts: string[] | undefined
}

/**
 * Gathers what the page shows but the list of findings, from one run of the lake; of an owner's accounts, nothing but their
 * own rows is asked for.
 * @throws UsageError where the run knows no such account or unit
 */
export async function gatherPage(engine: Engine, options: GatherOptions): Promise<Gathered> {
  const { runId, tables, scope = { kind: 'organization', id: '' } } = options
  const accounts = await accountsIn(engine, options, scope)
  // The lists of policies that tell the names are the whole organization's.
  const names = await unitNames(await readRunOf(engine, runId, { tables }))
  const run = await readRunOf(engine, runId, { tables, accounts })
  const [settings] = await run.sql('select as_of, scope_complete from settings')
  const scores = (await run.scores()).map(scoreOf)
  const known = await accountsOf(run)
  const controls = await controlsOf(run)
  const total = sum(scores.find(({ type }) => type === 'organization'))
  const data: PageData = {
    run: { run_id: runId, as_of: text(settings?.as_of), whole: settings?.scope_complete === true },
    scope,
    scores: scores.filter((score) => score.type !== 'region' && belongs(score, known, scope)),
    accounts: known,
    units: namesAbove(known, names),
    regions: (await run.sql('select region from regions')).map((row) => text(row.region)).sort(),
    cells: (await run.report('cells')).map((row) => ({
      account_id: text(row.account_id),
      region: text(row.region),
      status: text(row.status) as CellStatus,
    })),
    controls,
    counts: countsOf(await run.report('counts'), known, controls),
    encryption: (await run.report('encryption')).map((row) => ({
      account_id: text(row.account_id),
      service: text(row.service),
      key_class: text(row.key_class) as KeyClass,
      n: Number(row.n),
    })),
    keys: (await run.report('keys')).map(keyOf),
    unread: gapsOf(await run.report('unread')),
    powers: await powersOf(run),
    trend: await trendOf(engine, runId, scope),
    findings: { total, listed: Math.min(total, MAX_LISTED) },
  }
  return { data, accounts }
}

async function accountsIn(
  engine: Engine,
  { runId, tables }: GatherOptions,
  { kind, id }: Scope,
): Promise<string[] | undefined> {
  if (kind === 'organization') return undefined
  const run = await readRunOf(engine, runId, { tables })
  const from =
    kind === 'ou'
      ? `account_ous where ou_id = ${literal(id)}`
      : `accounts where account_id = ${literal(id)}`
  const rows = await run.sql(`select distinct account_id from ${from}`)
  if (rows.length === 0) {
    const what = kind === 'ou' ? 'OU' : 'account'
    throw new UsageError(`the run ${runId} knows no ${what} ${JSON.stringify(id)}`)
  }
  return rows.map((row) => text(row.account_id)).sort()
}

/** Of a unit above the scope there are only some of its accounts here: what was computed of them is not its score. */
function belongs({ type, id }: PageScore, accounts: PageData['accounts'], scope: Scope): boolean {
  if (scope.kind === 'organization' || !type.startsWith('ou')) return true
  const unit = id.split('/')[0] ?? ''
  return accounts.some(({ path }) => path.includes(unit) && below(path, scope.id).includes(unit))
}

function below(path: string[], unit: string): string[] {
  const at = path.indexOf(unit)
  return at === -1 ? [] : path.slice(at)
}

function scoreOf(row: Row): PageScore {
  return {
    type: text(row.group_type),
    id: text(row.group_id),
    value: share(row.value),
    low: share(row.low),
    high: share(row.high),
    coverage: share(row.coverage),
    pass: Number(row.passed),
    fail: Number(row.failed),
    unknown: Number(row.unknown),
    waived: Number(row.waived),
  }
}

async function accountsOf(run: RunReader): Promise<PageData['accounts']> {
  const rows = await run.sql(
    'select account_id, name, audited, not_audited_reason, ou_path, is_management from accounts',
  )
  return rows
    .map((row) => ({
      id: text(row.account_id),
      name: textOrNull(row.name),
      audited: row.audited === true,
      reason: textOrNull(row.not_audited_reason),
      path: text(row.ou_path).split('/').filter(Boolean),
      management: row.is_management === true,
    }))
    .sort((a, b) => order(a.id, b.id))
}

async function controlsOf(run: RunReader): Promise<PageData['controls']> {
  const documented = new Map(loadControls().map((control) => [control.id, control]))
  const rows = await run.sql('select control_id, title, family, severity from controls')
  return rows
    .map((row) => {
      const id = text(row.control_id)
      const control = documented.get(id)
      return {
        id,
        title: text(row.title),
        family: text(row.family),
        severity: text(row.severity),
        requirement: control?.requirement ?? '',
        rationale: control?.rationale ?? '',
        remediation: control?.remediation ?? '',
        references: control?.references ?? [],
      }
    })
    .sort((a, b) => order(a.id, b.id))
}

function countsOf(
  rows: Row[],
  accounts: PageData['accounts'],
  controls: PageData['controls'],
): number[][] {
  const accountAt = new Map(accounts.map(({ id }, index) => [id, index]))
  const controlAt = new Map(controls.map(({ id }, index) => [id, index]))
  const counts = new Map<string, number[]>()
  for (const row of rows) {
    const account = accountAt.get(text(row.account_id)) ?? -1
    const control = controlAt.get(text(row.control_id)) ?? -1
    const key = `${account}/${control}`
    const line = counts.get(key) ?? [account, control, 0, 0, 0, 0]
    line[2 + ['pass', 'fail', 'unknown', 'waived'].indexOf(text(row.status))] = Number(row.n)
    counts.set(key, line)
  }
  return [...counts.values()].sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0))
}

function keyOf(row: Row): PageData['keys'][number] {
  return {
    account_id: text(row.account_id),
    region: text(row.region),
    key_arn: text(row.key_arn),
    status: text(row.status),
    reason: text(row.reason),
    alias: textOrNull(row.alias),
    key_state: textOrNull(row.key_state),
    deletion_date: textOrNull(row.deletion_date),
    holds: Object.entries(HOLDS)
      .map(([column, kind]) => ({ kind, n: Number(row[column] ?? 0) }))
      .filter(({ n }) => n > 0),
  }
}

/** One part for what has the same account, Region and cause. */
function gapsOf(rows: Row[]): PageData['unread'] {
  const groups = Map.groupBy(rows, (row) => `${row.account_id}/${row.region}/${row.cause}`)
  return [...groups]
    .sort(([a], [b]) => order(a, b))
    .map(([, members]) => ({
      account_id: text(members[0]?.account_id),
      region: text(members[0]?.region),
      cause: text(members[0]?.cause),
      detail: members.map((row) => textOrNull(row.detail)).sort()[0] ?? null,
      collectors: distinct(
        members.filter((row) => row.resource_arn === null),
        'collector',
      ),
      resources: distinct(members, 'resource_arn'),
    }))
}

async function powersOf(run: RunReader): Promise<PageData['powers']> {
  const table = run.tables.principal_powers
  if (!table) return null
  const columns = Object.entries(table.columns)
    .filter(([name]) => !['region', 'observed_at', 'statements'].includes(name))
    .map(([name, { description }]) => ({ name, description }))
  const rows = await run.sql(
    `select ${columns.map(({ name }) => name).join(', ')} from principal_powers
      where power in (${DESTROYING.map(literal).join(', ')}) limit ${MAX_POWERS}`,
  )
  if (rows.length === 0) return null
  const lines = rows.map((row) => columns.map(({ name }) => textOrNull(row[name])))
  return { columns, rows: lines.sort((a, b) => order(a.join('\n'), b.join('\n'))) }
}

function distinct(rows: Row[], column: string): string[] {
  const values = rows.map((row) => textOrNull(row[column])).filter((value) => value !== null)
  return [...new Set(values)].sort()
}

function sum(score: PageScore | undefined): number {
  return score ? score.pass + score.fail + score.unknown + score.waived : 0
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
