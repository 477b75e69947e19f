import { type Control, loadViews } from '../engine/controls.ts'
import { type Engine, literal } from '../engine/engine.ts'
import { openLibrary, renderForRun } from '../engine/render.ts'
import { valuesSql } from '../engine/values.ts'
import type { Table } from '../lake/table.ts'
import { inSlice, type Slice, WHOLE } from './slices.ts'
import { RECORD, statement } from './statements.ts'
import { textsOf } from './texts.ts'

/** What a publication reads besides the run's own tables. */
export interface Sources {
  tables: Record<string, Table>
  runId: string
  /** The whole catalogue: what is not in it was retired. */
  controls: Control[]
  auditAccount: string
  homeRegion: string
  mode: 'local' | 'central'
  now: Date
  asOf: Date
  /** The publication that ended last; undefined: none yet. */
  before: { run_id: string; generation: number; attempt: number } | undefined
  /** Number of this one, and the attempts at it that did not end. */
  generation: number
  unended: { run_id: string; attempt: number }[]
  /** This attempt. */
  attempt: number
}

/** Renders the publication's statements for one engine; each for a slice of the findings, or for all of them. */
export interface HubQueries {
  /** How many findings are judged or held in each account and Region: `account_id, region, n`, in that order. */
  places(): Promise<string>
  /** The hubs that may have to be told something: `account_id, region`. */
  targets(slice: Slice): Promise<string>
  /** What is to be sent, as rows of `hub_plans`: at most so many, those first that can be sent. */
  changes(slice: Slice, most?: number): Promise<string>
  /** What the hubs hold afterwards, as rows of `hub_state`. */
  state(slice: Slice): Promise<string>
  /** What fails, as it would be sent to hubs that hold nothing. */
  failures(): Promise<string>
  /** How many findings the hubs hold open and need not hear of: `n`. */
  unchanged(): Promise<string>
  /** A table's rows of this attempt. */
  written(table: string, slice?: Slice): string
}

/** Orders plans so that what can be sent comes first. */
const SENDABLE_FIRST = "case when hub_status in ('on', 'unverified') then 0 else 1 end"

/** Opens the statements of `queries/securityhub` over what they read. */
export async function openHubQueries(engine: Engine, sources: Sources): Promise<HubQueries> {
  const { tables, runId, generation, attempt } = sources
  const library = await openLibrary(engine, tables, loadViews())
  const render = (sql: string, given: [string, string][]) =>
    renderForRun(engine, library, runId, sql, given)
  const written = (table: string, slice = WHOLE) =>
    `select ${Object.keys(tables[table]?.columns ?? {}).join(', ')}
from ${engine.dialect.runTable(table, runId)}
where run_id = ${literal(runId)} and generation = ${generation} and attempt = ${attempt} and ${inSlice(slice)}`
  const ofAttempt = `cast(${generation} as bigint) as generation, cast(${attempt} as integer) as attempt`
  const settings = settingsOf(sources)
  const desired = (slice: Slice): [string, string][] => [
    ...settings,
    ...pinned(engine, sources, slice),
    ['desired_contents', statement('desired')],
    ['desired', `${identified(engine)}\nwhere ${inSlice(slice)}`],
  ]
  const held = (slice: Slice): [string, string][] => [
    ...heldBefore(engine, sources, slice),
    ['held', statement('held')],
  ]
  const live = (slice: Slice): [string, string][] => [
    ...held(slice),
    ['hubs_now', written('hubs')],
    ['live', statement('live')],
  ]
  const planned = (slice: Slice): [string, string][] => [
    ...settings,
    ...live(slice),
    ['plan', written('hub_plans', slice)],
  ]
  return {
    written,
    places: () =>
      render(
        `select account_id, region, count(*) as n from (
  select account_id, region from findings
  union all
  select account_id, region from state_before
  union all
  select account_id, region from plans_before) as f
group by account_id, region order by account_id, region`,
        heldBefore(engine, sources, WHOLE),
      ),
    targets: (slice) =>
      render(
        `select distinct target_account as account_id, target_region as region from (
  select target_account, target_region from desired where status = 'fail'
  union all
  select h.target_account, h.target_region from held as h join accounts as a on a.account_id = h.target_account
  where a.audited) as hubs order by 1, 2`,
        [...desired(slice), ...held(slice)],
      ),
    changes: (slice, most) =>
      render(
        `select ${ofAttempt}, c.* from changes_due as c
order by ${SENDABLE_FIRST}, target_account, target_region, finding_id${most === undefined ? '' : ` limit ${most}`}`,
        [...desired(slice), ...live(slice), ['changes_due', statement('changes')]],
      ),
    state: (slice) =>
      render(
        `select ${ofAttempt}, s.* from state_after as s order by target_account, target_region, finding_id`,
        [
          ...planned(slice),
          ['outcomes', written('publications', slice)],
          ['state_after', statement('state')],
        ],
      ),
    unchanged: () =>
      render(
        `select count(*) as n from live as l
left join plan as p
  on p.finding_id = l.finding_id and p.target_account = l.target_account and p.target_region = l.target_region
where not l.lost and l.record_state = 'ACTIVE' and l.compliance <> 'PASSED' and p.finding_id is null`,
        planned(WHOLE),
      ),
    failures: () =>
      render(
        `select d.*, p.as_of as first_observed_at, p.as_of as updated_at, 'FAILED' as note_code, d.reason as note,
  'ACTIVE' as record_state,
  case when d.control_id = 'cells-can-be-read' then 'NOT_AVAILABLE' else 'FAILED' end as compliance
from desired as d
cross join publish_settings as p
where d.status = 'fail'
order by control_id, target_account, target_region, finding_id`,
        desired(WHOLE),
      ),
  }
}

/** What is large of the run, in place of its pinned table: the slice alone. */
function pinned({ dialect }: Engine, { tables, runId }: Sources, slice: Slice): [string, string][] {
  if (slice === WHOLE) return []
  return ['findings', 'recovery_points'].map((name) => [
    name,
    `select ${Object.keys(tables[name]?.columns ?? {}).join(', ')} from ${dialect.runTable(name, runId)}
where run_id = ${literal(runId)} and ${inSlice(slice)}`,
  ])
}

function settingsOf(sources: Sources): [string, string][] {
  const { controls, auditAccount, homeRegion, mode, now, asOf } = sources
  const headers = textsOf(controls).map(({ id, granularity, hash, spans }) => [
    literal(id),
    literal(granularity),
    literal(hash),
    spans ? literal(spans) : 'cast(null as varchar)',
  ])
  const reads = controls.flatMap(({ id, subject, evidence }) => [
    ...subject.map((table) => [literal(id), literal(table), 'true']),
    ...evidence
      .filter(({ table, confined }) => !confined && !subject.includes(table))
      .map(({ table }) => [literal(id), literal(table), 'false']),
  ])
  return [
    [
      'publish_settings',
      `select ${literal(auditAccount)} as audit_account, ${literal(homeRegion)} as home_region,
  ${literal(mode)} as mode, ${moment(now)} as now_at, ${moment(asOf)} as as_of`,
    ],
    [
      'control_headers',
      valuesSql({ control_id: "''", granularity: "''", texts: "''", spans: "''" }, headers),
    ],
    ['control_tables', valuesSql({ control_id: "''", table_name: "''", subject: 'false' }, reads)],
  ]
}

/** The rows of earlier runs, which no statement of a run can see otherwise. */
function heldBefore(engine: Engine, sources: Sources, slice: Slice): [string, string][] {
  const { before, generation, unended } = sources
  const { runTable } = engine.dialect
  const columns = RECORD.join(', ')
  const state = before
    ? `${runTable('hub_state', before.run_id)}
where run_id = ${literal(before.run_id)} and generation = ${before.generation} and attempt = ${before.attempt}
  and ${inSlice(slice)}`
    : `${runTable('hub_state', sources.runId)} where 1 = 0`
  const planned = `select ${columns}, attempt, hub_status from`
  const plans = unended.map(
    ({ run_id, attempt }) =>
      `${planned} ${runTable('hub_plans', run_id)}
where run_id = ${literal(run_id)} and generation = ${generation} and attempt = ${attempt}
  and ${inSlice(slice)}`,
  )
  const none = `${planned} ${runTable('hub_plans', sources.runId)} where 1 = 0`
  return [
    ['state_before', `select ${columns} from ${state}`],
    ['plans_before', plans.join('\nunion all\n') || none],
  ]
}

/** Ids of findings that stand for several resources, and a short form of what each says. */
function identified({ dialect }: Engine): string {
  const key = "cast(length(resource_arn) as varchar) || ':' || resource_arn"
  return `select control_id, account_id, region, target_account, target_region, resource_arn, resource_type, related_arn,
  granularity, judged, failed, samples, sample_type, severity, status, reason,
  coalesce(finding_id, 'strongroom/' || control_id || '/' || account_id || '/' || region || '/'
    || substr(${dialect.sha256Hex(key)}, 1, 32)) as finding_id,
  ${dialect.sha256Hex('content')} as content_hash
from desired_contents`
}

function moment(date: Date): string {
  return `timestamp ${literal(date.toISOString().replace('T', ' ').replace('Z', ''))}`
}
