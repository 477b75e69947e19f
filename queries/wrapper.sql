-- Around every control: what was not read is unknown, and what was agreed is waived. `judged` is the control's own answer;
-- `this_control`, `control_subjects` and `control_evidence` are its header. Athena works out a CTE again wherever it is named, and
-- takes 150 stages at most: name each as seldom as can be.
with rows_judged as (
  select
    cast(account_id as varchar) as account_id,
    cast(region as varchar) as region,
    cast(resource_arn as varchar) as resource_arn,
    cast(resource_type as varchar) as resource_type,
    cast(related_arn as varchar) as related_arn,
    coalesce(cast(status as varchar), 'unknown') as status,
    cast(reason as varchar) as reason,
    -- The cell that evidence on the related resource comes from: an ARN without account or Region (a bucket's) is at home.
    coalesce(nullif(split_part(cast(related_arn as varchar), ':', 5), ''), cast(account_id as varchar)) as related_account_id,
    coalesce(nullif(split_part(cast(related_arn as varchar), ':', 4), ''), cast(region as varchar)) as related_region
  from judged
), ends as (
  select 1 as place
  union all
  select 2
), named as (
  -- Both ends of every judgement, in one go.
  select distinct j.account_id, j.region, case when e.place = 1 then j.resource_arn else j.related_arn end as arn
  from rows_judged as j
  cross join ends as e
  where e.place = 1 or j.related_arn is not null
), subject_problems as (
  select t.account_id, t.region, t.table_name || ' (' || coalesce(t.cause, 'error') || ')' as problem
  from table_coverage as t
  join control_subjects as s on s.table_name = t.table_name
  where t.status = 'unread'
  union all
  select g.account_id, g.region, g.table_name || ' of ' || g.resource_arn || ' (' || coalesce(g.cause, 'error') || ')'
  from gaps as g
  join control_subjects as s on s.table_name = g.table_name
  left join named as n
    on n.account_id = g.account_id and n.region = g.region and n.arn = g.resource_arn
  where g.resource_arn is not null and n.arn is null
    and coalesce(g.cause, 'error') not in ('service_absent', 'region_disabled', 'not_enrolled')
), closed_accounts as (
  select account_id, min(coalesce(cause, 'error')) as cause
  from gaps
  where region = 'global' and table_name = '*' and collector = '*'
  group by account_id
), scopes as (
  select
    p.account_id,
    case when c.account_id is null then p.region else 'global' end as region,
    case when c.account_id is null then 'could not be read: ' || min(p.problem)
      else 'the account could not be entered (' || min(c.cause) || ')' end as reason
  from subject_problems as p
  left join closed_accounts as c on c.account_id = p.account_id
  group by p.account_id, c.account_id, case when c.account_id is null then p.region else 'global' end
), cells as (
  select distinct account_id, region from rows_judged
), cell_problems as (
  select c.account_id, c.region, min(e.table_name || ' (' || coalesce(t.cause, 'not_requested') || ')') as problem
  from cells as c
  cross join control_evidence as e
  left join table_coverage as t
    on t.account_id = c.account_id and t.region in (c.region, 'global') and t.table_name = e.table_name
  where not e.confined and coalesce(t.status, 'unread') = 'unread'
  group by c.account_id, c.region
  union all
  -- What is read once for the account is evidence in each of its Regions.
  select c.account_id, c.region, min(g.table_name || ' of ' || g.resource_arn || ' (' || coalesce(g.cause, 'error') || ')')
  from cells as c
  join gaps as g on g.account_id = c.account_id and g.region in (c.region, 'global')
  join control_evidence as e on e.table_name = g.table_name and not e.confined
  where g.resource_arn is not null
  group by c.account_id, c.region
), related as (
  select distinct related_arn, related_account_id as account_id, related_region as region
  from rows_judged
  where related_arn is not null
), related_problems as (
  select
    r.related_arn,
    r.account_id,
    r.region,
    min(e.table_name || ' in ' || r.account_id || ' ' || r.region || ' (' || coalesce(t.cause, 'not in scope') || ')') as problem
  from related as r
  join accounts as a on a.account_id = r.account_id
  cross join control_evidence as e
  left join table_coverage as t
    on t.account_id = r.account_id and t.region in (r.region, 'global') and t.table_name = e.table_name
  where e.confined and coalesce(t.status, 'unread') <> 'complete'
  group by r.related_arn, r.account_id, r.region
), cell_problem as (
  select account_id, region, min(problem) as problem from cell_problems group by account_id, region
), related_gaps as (
  select g.resource_arn as related_arn, min(g.table_name || ' of ' || g.resource_arn || ' (' || coalesce(g.cause, 'error') || ')') as problem
  from gaps as g
  join control_evidence as e on e.table_name = g.table_name and e.confined
  where g.resource_arn is not null
  group by g.resource_arn
), judgements as (
  select
    j.account_id,
    j.region,
    j.resource_arn,
    j.resource_type,
    j.related_arn,
    case when coalesce(c.problem, r.problem, g.problem) is null then j.status else 'unknown' end as status,
    case when coalesce(c.problem, r.problem, g.problem) is null then j.reason
      else 'could not be read: '
        || coalesce(c.problem, least(coalesce(r.problem, g.problem), coalesce(g.problem, r.problem))) end as reason,
    0 as of_scope
  from rows_judged as j
  left join cell_problem as c on c.account_id = j.account_id and c.region = j.region
  left join related_problems as r
    on r.related_arn = j.related_arn and r.account_id = j.related_account_id and r.region = j.related_region
  left join related_gaps as g on g.related_arn = j.related_arn
  union all
  select account_id, region, 'AWS::::Account:' || account_id, 'AwsAccount', cast(null as varchar), 'unknown', reason, 1
  from scopes
), statuses as (
  -- The control's own judgement of an account goes before the scope's. The number keeps rows apart that are the same in all else:
  -- whoever made them must hear of it.
  select s.*, row_number() over (partition by account_id, region, resource_arn order by of_scope, status) as place
  from judgements as s
), agreed as (
  select w.waived_account_id as account_id, '*' as ou_account_id, w.resource_pattern, w.owner || ': ' || w.reason as note
  from waivers as w
  join this_control as t on w.control_id in ('*', t.control_id)
  cross join settings as s
  where w.waived_ou_id = '*' and (w.expires_at is null or w.expires_at > s.as_of)
  union all
  select w.waived_account_id, o.account_id, w.resource_pattern, w.owner || ': ' || w.reason
  from waivers as w
  join this_control as t on w.control_id in ('*', t.control_id)
  join account_ous as o on o.ou_id = w.waived_ou_id
  cross join settings as s
  where w.expires_at is null or w.expires_at > s.as_of
), noted as (
  select s.account_id, s.region, s.resource_arn, s.resource_type, s.related_arn, s.status, s.reason, min(a.note) as note
  from statuses as s
  left join agreed as a
    on s.status = 'fail'
    and a.account_id in ('*', s.account_id)
    and a.ou_account_id in ('*', s.account_id)
    and s.resource_arn like a.resource_pattern escape '\'
  where s.of_scope = 0 or s.place = 1
  group by s.account_id, s.region, s.resource_arn, s.resource_type, s.related_arn, s.status, s.reason, s.place
)
select
  n.account_id,
  n.region,
  x.as_of as observed_at,
  n.resource_arn,
  n.resource_type,
  n.related_arn,
  case when n.note is not null then 'waived' else n.status end as status,
  case when n.note is not null then n.reason || ' (waived by ' || n.note || ')' else n.reason end as reason,
  t.severity,
  t.family,
  t.control_id
from noted as n
cross join this_control as t
cross join settings as x
