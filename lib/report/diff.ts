import type { Engine } from '../engine/engine.ts'
import { literal } from '../engine/engine.ts'
import { checkRunId } from '../engine/render.ts'
import { UsageError } from '../usage-error.ts'
import { text, textOrNull } from './values.ts'

/** What may have become of a finding from one run to a later one, the worst first. */
export const CHANGES = [
  'newly_failing',
  'appeared',
  'newly_unread',
  'fixed',
  'waived',
  'newly_read',
  'vanished',
  'not_compared',
] as const

export type Change = (typeof CHANGES)[number]

/** One finding that is not what it was. */
export interface Difference {
  change: Change
  control_id: string
  severity: string
  family: string
  account_id: string
  account_name: string | null
  region: string
  resource_arn: string
  related_arn: string | null
  /** Status in the earlier run; null: it had no such finding. */
  before: string | null
  /** Status in the later run; null: it has no such finding. */
  after: string | null
  /** What was seen: in the later run, or in the earlier one where the later has nothing. */
  reason: string
  finding_id: string
}

export interface Diff {
  earlier: string
  later: string
  counts: Record<Change, number>
  /** Findings that are what they were. */
  unchanged: number
  /** Everything else: worst change first, then by severity, control, account and resource. */
  differences: Difference[]
}

/**
 * Compares the findings of two runs of one lake. A finding that is in one run only counts as appeared or vanished where the other run
 * could have seen it: where its cell could not be read it is newly unread (or newly read), and where the other run covered a part of
 * the organization only, it is not compared.
 * @throws UsageError where a run is not in the lake
 */
export async function diffOf(engine: Engine, earlier: string, later: string): Promise<Diff> {
  for (const run of [earlier, later]) await checkRun(engine, run)
  const { rows } = await engine.query(diffSql(engine, earlier, later))
  const counts = Object.fromEntries(CHANGES.map((change) => [change, 0])) as Diff['counts']
  const differences: Difference[] = []
  let unchanged = 0
  for (const row of rows) {
    const change = text(row.change)
    if (change === 'unchanged') {
      unchanged = Number(row.findings)
      continue
    }
    counts[change as Change] += 1
    differences.push({
      change: change as Change,
      control_id: text(row.control_id),
      severity: text(row.severity),
      family: text(row.family),
      account_id: text(row.account_id),
      account_name: textOrNull(row.account_name),
      region: text(row.region),
      resource_arn: text(row.resource_arn),
      related_arn: textOrNull(row.related_arn),
      before: textOrNull(row.before_status),
      after: textOrNull(row.after_status),
      reason: text(row.reason),
      finding_id: text(row.finding_id),
    })
  }
  return { earlier, later, counts, unchanged, differences }
}

async function checkRun(engine: Engine, run: string): Promise<void> {
  const { rows } = await engine.query(
    `select run_id from ${engine.dialect.runTable('settings', run)} where run_id = ${literal(checkRunId(run))}`,
  )
  if (rows.length === 0) throw new UsageError(`there is no run ${run} in this lake`)
}

/** Both sides of each finding; what has no other side by its id has one by its resource, where that is but one. */
function diffSql({ dialect }: Engine, earlier: string, later: string): string {
  const columns = `control_id, account_id, region, resource_arn, coalesce(related_arn, '') as related_arn,
    status, severity, family, reason, finding_id, resource_arn = 'AWS::::Account:' || account_id as of_scope`
  const of = (table: string, run: string) =>
    `from ${dialect.runTable(table, run)} where run_id = ${literal(run)}`
  const order = (column: string, values: readonly string[]) =>
    `case ${column} ${values.map((value, index) => `when '${value}' then ${index}`).join(' ')} end`
  return `
with earlier as (select ${columns} ${of('findings', earlier)}
), later as (select ${columns} ${of('findings', later)}
), scope as (
  select e.whole as earlier_whole, l.whole as later_whole
  from (select scope_complete as whole ${of('settings', earlier)}) as e
  cross join (select scope_complete as whole ${of('settings', later)}) as l
), names as (
  select account_id, min(name) as name from (
    select account_id, name ${of('accounts', earlier)}
    union all
    select account_id, name ${of('accounts', later)}
  ) as known group by account_id
), earlier_alone as (
  select e.*, count(*) over (partition by e.control_id, e.account_id, e.region, e.resource_arn) as alike
  from earlier as e left join later as l on l.finding_id = e.finding_id where l.finding_id is null
), later_alone as (
  select l.*, count(*) over (partition by l.control_id, l.account_id, l.region, l.resource_arn) as alike
  from later as l left join earlier as e on e.finding_id = l.finding_id where e.finding_id is null
), sides as (
  select e.status as before_status, l.status as after_status,
    coalesce(l.control_id, e.control_id) as control_id,
    coalesce(l.account_id, e.account_id) as account_id,
    coalesce(l.region, e.region) as region,
    coalesce(l.resource_arn, e.resource_arn) as resource_arn,
    coalesce(l.related_arn, e.related_arn) as related_arn,
    coalesce(l.severity, e.severity) as severity,
    coalesce(l.family, e.family) as family,
    coalesce(l.reason, e.reason) as reason,
    coalesce(l.finding_id, e.finding_id) as finding_id,
    coalesce(l.of_scope, e.of_scope) as of_scope
  from earlier_alone as e
  full join later_alone as l
    on l.control_id = e.control_id and l.account_id = e.account_id and l.region = e.region
    and l.resource_arn = e.resource_arn and l.alike = 1 and e.alike = 1
  union all
  select e.status, l.status, l.control_id, l.account_id, l.region, l.resource_arn, l.related_arn, l.severity, l.family,
    l.reason, l.finding_id, l.of_scope
  from earlier as e join later as l on l.finding_id = e.finding_id
), unread_before as (
  select distinct control_id, account_id, region from earlier where of_scope and status = 'unknown'
), unread_after as (
  select distinct control_id, account_id, region from later where of_scope and status = 'unknown'
), hidden as (
  select s.finding_id,
    max(case when b.control_id is null then 0 else 1 end) as before_unread,
    max(case when a.control_id is null then 0 else 1 end) as after_unread
  from sides as s
  left join unread_before as b
    on b.control_id = s.control_id and b.account_id = s.account_id and b.region in (s.region, 'global')
  left join unread_after as a
    on a.control_id = s.control_id and a.account_id = s.account_id and a.region in (s.region, 'global')
  where s.before_status is null or s.after_status is null
  group by s.finding_id
), compared as (
  select s.*,
    case
      when s.before_status = s.after_status then 'unchanged'
      when s.after_status = 'unknown' and s.before_status is not null then 'newly_unread'
      when s.after_status = 'fail' and s.before_status is not null then 'newly_failing'
      when s.before_status in ('fail', 'waived') and s.after_status = 'pass' then 'fixed'
      when s.after_status = 'waived' and s.before_status is not null then 'waived'
      when s.before_status is not null and s.after_status is not null then 'newly_read'
      when s.before_status is null and not x.earlier_whole then 'not_compared'
      when s.after_status is null and not x.later_whole then 'not_compared'
      when s.before_status is null and s.of_scope and s.after_status = 'unknown' then 'newly_unread'
      when s.before_status is null and h.before_unread = 1 then case s.after_status when 'fail' then 'newly_failing' else 'newly_read' end
      when s.before_status is null then 'appeared'
      when s.of_scope and s.before_status = 'unknown' then 'newly_read'
      when h.after_unread = 1 then 'newly_unread'
      else 'vanished'
    end as change
  from sides as s
  cross join scope as x
  left join hidden as h on h.finding_id = s.finding_id
)
select * from (
select 'unchanged' as change, count(*) as findings, null as control_id, null as account_id, null as account_name,
  null as region, null as resource_arn, null as related_arn, null as severity, null as family, null as before_status, null as after_status,
  null as reason, null as finding_id
from compared where change = 'unchanged'
union all
select c.change, 1, c.control_id, c.account_id, n.name, c.region, c.resource_arn, nullif(c.related_arn, ''), c.severity, c.family,
  c.before_status, c.after_status, c.reason, c.finding_id
from compared as c
left join names as n on n.account_id = c.account_id
where c.change <> 'unchanged'
) as told
order by ${order('change', CHANGES)}, ${order('after_status', ['fail'])}, ${order('severity', ['critical', 'high', 'medium', 'low'])},
  control_id, account_id, region, resource_arn, related_arn, finding_id`
}
