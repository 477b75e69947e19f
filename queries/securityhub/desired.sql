-- What the run says of everything that Security Hub may be told of: one row per resource, or per vault or source where the
-- control says so, and one per account or cell that was read or not. Controls of which the run did not read every table say nothing.
with unrequested as (
  select distinct t.control_id
  from control_tables as t
  join collector_tables as k on k.table_name = t.table_name
  join collectors as c on c.collector = k.collector
  where not c.requested
), usable_controls as (
  select h.control_id, h.granularity, h.texts
  from control_headers as h
  join controls as c on c.control_id = h.control_id
  left join unrequested as u on u.control_id = h.control_id
  where u.control_id is null
), points as (
  select account_id, region, arn, min(source_arn) as source_arn, min(vault_arn) as vault_arn
  from recovery_points
  group by account_id, region, arn
), bundles as (
  select
    f.*,
    c.granularity,
    c.texts,
    case c.granularity
      when 'vault' then coalesce(p.vault_arn, f.related_arn, f.resource_arn)
      else coalesce(p.source_arn, f.related_arn, f.resource_arn)
    end as subject_arn
  from findings as f
  join usable_controls as c on c.control_id = f.control_id and c.granularity <> 'resource'
  left join points as p on p.account_id = f.account_id and p.region = f.region and p.arn = f.resource_arn
), numbered as (
  select
    b.*,
    row_number() over (
      partition by b.control_id, b.account_id, b.region, b.subject_arn
      order by case when b.status = 'fail' then 0 else 1 end, b.resource_arn, b.related_arn
    ) as place
  from bundles as b
), bundled as (
  select
    control_id,
    account_id,
    region,
    subject_arn,
    granularity,
    texts,
    min(severity) as severity,
    count(*) as judged,
    count(case when status = 'fail' then 1 end) as failed,
    count(case when status = 'unknown' then 1 end) as unread,
    count(case when status = 'waived' then 1 end) as waived,
    min(case when status = 'fail' then reason end) as fail_reason,
    min(case when status = 'unknown' then reason end) as unknown_reason,
    min(case when status = 'waived' then reason end) as waived_reason,
    min(reason) as reason,
    min(case when resource_arn = subject_arn then resource_type end) as resource_type,
    min(case when resource_arn <> subject_arn and status = 'fail' then resource_type end) as sample_type,
    {samples} as samples
  from numbered
  group by control_id, account_id, region, subject_arn, granularity, texts
), unread_parts as (
  select c.account_id, c.region, min(c.collector || ' (' || coalesce(c.cause, 'error') || ')') as part, count(*) as parts
  from cell_coverage as c
  where c.status in ('unread', 'partial')
  group by c.account_id, c.region
), closed_accounts as (
  select account_id, min(coalesce(cause, 'error')) as cause
  from gaps
  where region = 'global' and table_name = '*' and collector = '*'
  group by account_id
), cells as (
  select distinct account_id, region from cell_coverage
  union
  select account_id, 'global' from accounts where audited
), readings as (
  select
    c.account_id,
    c.region,
    case
      when a.account_id is not null and c.region = 'global' then 'fail'
      when a.account_id is not null then 'unknown'
      when u.account_id is not null then 'fail'
      else 'pass'
    end as status,
    case
      when a.account_id is not null then 'the account could not be entered (' || a.cause || ')'
      when u.account_id is not null then 'could not be read: ' || u.part || case
        when u.parts > 1 then ' and ' || cast(u.parts - 1 as varchar) || ' more' else '' end
      else 'was read'
    end as reason
  from cells as c
  left join closed_accounts as a on a.account_id = c.account_id
  left join unread_parts as u on u.account_id = c.account_id and u.region = c.region
), subjects as (
  select
    f.control_id, f.finding_id, f.account_id, f.region, f.resource_arn, f.resource_type, f.related_arn, c.granularity,
    c.texts, f.severity, f.status, f.reason, cast(1 as bigint) as judged,
    cast(case when f.status = 'fail' then 1 else 0 end as bigint) as failed, '' as samples, cast(null as varchar) as sample_type
  from findings as f
  join usable_controls as c on c.control_id = f.control_id and c.granularity = 'resource'
  union all
  select
    control_id, cast(null as varchar), account_id, region, subject_arn, resource_type, cast(null as varchar), granularity,
    texts, severity,
    case when failed > 0 then 'fail' when unread > 0 then 'unknown' when waived > 0 then 'waived' else 'pass' end,
    case when failed > 0 then fail_reason when unread > 0 then unknown_reason when waived > 0 then waived_reason else reason end,
    judged, failed, samples, sample_type
  from bundled
  union all
  select
    h.control_id, cast(null as varchar), r.account_id, r.region, 'AWS::::Account:' || r.account_id, 'AwsAccount',
    cast(null as varchar), h.granularity, h.texts, 'medium', r.status, r.reason, 1,
    case when r.status = 'fail' then 1 else 0 end, '', cast(null as varchar)
  from readings as r
  cross join control_headers as h
  cross join settings as s
  where h.control_id = 'cells-can-be-read' and s.scope_complete
)
select
  s.*,
  case when p.mode = 'central' or s.control_id = 'cells-can-be-read' then p.audit_account else s.account_id end as target_account,
  case
    when p.mode = 'central' or s.control_id = 'cells-can-be-read' or s.region = 'global' then p.home_region
    else s.region
  end as target_region,
  s.status || chr(10) || s.severity || chr(10) || s.texts || chr(10) || coalesce(s.reason, '') || chr(10)
    || coalesce(s.related_arn, '') || chr(10) || cast(s.failed as varchar) || '/' || cast(s.judged as varchar) || chr(10)
    || s.samples as content
from subjects as s
cross join publish_settings as p
