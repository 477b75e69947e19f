-- The roll-up: per control and cell the share of passes, then the mean over cells, weighted by severity, per group.
with counted as (
  select
    f.control_id,
    f.account_id,
    f.region,
    count(case when f.status = 'pass' then 1 end) as p,
    count(case when f.status = 'fail' then 1 end) as f,
    count(case when f.status = 'unknown' then 1 end) as u,
    count(case when f.status = 'waived' then 1 end) as w,
    count(case when f.status = 'unknown' and f.resource_arn = 'AWS::::Account:' || f.account_id then 1 end) as scope_unknown
  from findings as f
  group by f.control_id, f.account_id, f.region
), closed as (
  select distinct s.control_id, t.account_id, t.region
  from table_coverage as t
  join control_subjects as s on s.table_name = t.table_name
  where t.status = 'unread'
  union
  select control_id, account_id, region
  from counted
  where scope_unknown > 0 and region <> 'global'
), cells as (
  select
    coalesce(n.control_id, i.control_id) as control_id,
    coalesce(n.account_id, i.account_id) as account_id,
    coalesce(n.region, i.region) as region,
    case when n.p + n.f > 0 then cast(n.p as double) / cast(n.p + n.f as double) end as value,
    case
      when i.control_id is not null then cast(0 as double)
      when n.p + n.f + n.u > 0 and n.region <> 'global' then cast(n.p as double) / cast(n.p + n.f + n.u as double)
      when n.p + n.f > 0 then cast(n.p as double) / cast(n.p + n.f + n.u as double)
    end as low,
    case
      when i.control_id is not null then cast(1 as double)
      when n.p + n.f + n.u > 0 and n.region <> 'global' then cast(n.p + n.u as double) / cast(n.p + n.f + n.u as double)
      when n.p + n.f > 0 then cast(n.p + n.u as double) / cast(n.p + n.f + n.u as double)
    end as high,
    coalesce(n.p, 0) as p,
    coalesce(n.f, 0) as f,
    coalesce(n.u, 0) as u,
    coalesce(n.w, 0) as w
  from counted as n
  full join closed as i
    on i.control_id = n.control_id and i.account_id = n.account_id and i.region = n.region
), weighted as (
  select x.*, c.family, cast(c.weight as double) as weight
  from cells as x
  join controls as c on c.control_id = x.control_id
), kinds as (
  select 'organization' as group_type
  union all
  select 'ou'
  union all
  select 'account'
  union all
  select 'region'
  union all
  select 'family'
  union all
  select 'control'
  union all
  select 'ou_family'
  union all
  select 'account_family'
), grouped as (
  -- Every cell once for each group that it is in: in one go, since Athena works a CTE out again wherever it is named.
  select
    k.group_type,
    case k.group_type
      when 'organization' then 'organization'
      when 'ou' then o.ou_id
      when 'account' then x.account_id
      when 'region' then x.region
      when 'family' then x.family
      when 'control' then x.control_id
      when 'ou_family' then o.ou_id || '/' || x.family
      else x.account_id || '/' || x.family
    end as group_id,
    x.*
  from weighted as x
  cross join kinds as k
  left join account_ous as o on o.account_id = case when k.group_type in ('ou', 'ou_family') then x.account_id end
  where k.group_type not in ('ou', 'ou_family') or o.ou_id is not null
), slices as (
  select account_id, region, collector, case when status = 'complete' then 1 else 0 end as done
  from cell_coverage
  where status not in ('not_applicable', 'not_requested')
), control_collectors as (
  select distinct s.control_id, c.family, t.collector
  from control_subjects as s
  join collector_tables as t on t.table_name = s.table_name
  join controls as c on c.control_id = s.control_id
), family_slices as (
  select s.account_id, s.region, s.done, f.family
  from slices as s
  join (select distinct family, collector from control_collectors) as f on f.collector = s.collector
), slice_groups as (
  select 'organization' as group_type, 'organization' as group_id, done from slices
  union all
  select 'ou', o.ou_id, s.done from slices as s join account_ous as o on o.account_id = s.account_id
  union all
  select 'account', account_id, done from slices
  union all
  select 'region', region, done from slices
  union all
  select 'family', family, done from family_slices
  union all
  select 'ou_family', o.ou_id || '/' || f.family, f.done
  from family_slices as f join account_ous as o on o.account_id = f.account_id
  union all
  select 'account_family', account_id || '/' || family, done from family_slices
  union all
  select 'control', k.control_id, s.done from slices as s join control_collectors as k on k.collector = s.collector
), covered as (
  select group_type, group_id, count(*) as expected, sum(done) as complete
  from slice_groups
  group by group_type, group_id
), scored as (
  select
    group_type,
    group_id,
    sum(case when value is not null then value * weight end) as value_sum,
    sum(case when value is not null then weight end) as value_weight,
    sum(low * weight) as low_sum,
    sum(high * weight) as high_sum,
    sum(case when low is not null then weight end) as weight,
    sum(p) as p,
    sum(f) as f,
    sum(u) as u,
    sum(w) as w
  from grouped
  group by group_type, group_id
)
select
  a.account_id,
  'global' as region,
  a.as_of as observed_at,
  coalesce(s.group_type, c.group_type) as group_type,
  coalesce(s.group_id, c.group_id) as group_id,
  case when s.value_weight > 0 then s.value_sum / cast(s.value_weight as double) end as value,
  case when s.weight > 0 then s.low_sum / cast(s.weight as double) end as low,
  case when s.weight > 0 then s.high_sum / cast(s.weight as double) end as high,
  case when c.expected > 0 then cast(c.complete as double) / cast(c.expected as double) end as coverage,
  cast(coalesce(c.expected, 0) as bigint) as slices_expected,
  cast(coalesce(c.complete, 0) as bigint) as slices_complete,
  cast(coalesce(s.p, 0) as bigint) as passed,
  cast(coalesce(s.f, 0) as bigint) as failed,
  cast(coalesce(s.u, 0) as bigint) as unknown,
  cast(coalesce(s.w, 0) as bigint) as waived
from scored as s
full join covered as c on c.group_type = s.group_type and c.group_id = s.group_id
cross join settings as a
