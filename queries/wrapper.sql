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
    -- The cell that evidence on the related resource comes from: an ARN without account or Region (a bucket's) is at home. None
    -- where nothing is related: a condition on one side of an outer join would have each row compared with each.
    case when related_arn is not null
      then coalesce(nullif(split_part(cast(related_arn as varchar), ':', 5), ''), cast(account_id as varchar)) end as related_account_id,
    case when related_arn is not null
      then coalesce(nullif(split_part(cast(related_arn as varchar), ':', 4), ''), cast(region as varchar)) end as related_region
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
), places as (
  select region from regions
  union all
  select 'global'
), sources_of_places as (
  -- What is read once for the account is evidence in each of its Regions.
  select r.region as place, case when e.place = 1 then r.region else 'global' end as read_at
  from regions as r
  cross join ends as e
  union all
  select 'global', 'global'
), covered as (
  select t.account_id, p.place, t.table_name, t.status, t.cause
  from table_coverage as t
  join sources_of_places as p on p.read_at = t.region
), gaps_by_place as (
  -- A Region out of scope, where a bucket may be, is read by what is asked of the whole account.
  select g.account_id, g.region, coalesce(r.region, 'global') as place, g.table_name, g.resource_arn, coalesce(g.cause, 'error') as cause
  from gaps as g
  left join regions as r on r.region = g.region
  where g.resource_arn is not null
), problems as (
  select
    a.account_id,
    p.region as place,
    case when not e.confined and coalesce(t.status, 'unread') = 'unread'
      then e.table_name || ' (' || coalesce(t.cause, 'not_requested') || ')' end as problem,
    case when e.confined and coalesce(t.status, 'unread') <> 'complete'
      then e.table_name || ' in ' || a.account_id || ' ' || p.region || ' (' || coalesce(t.cause, 'not in scope') || ')' end
      as related_problem
  from accounts as a
  cross join places as p
  cross join control_evidence as e
  left join covered as t on t.account_id = a.account_id and t.place = p.region and t.table_name = e.table_name
  union all
  select g.account_id, p.region, g.table_name || ' of ' || g.resource_arn || ' (' || g.cause || ')', cast(null as varchar)
  from gaps_by_place as g
  join control_evidence as e on e.table_name = g.table_name and not e.confined
  join places as p on p.region = g.place or g.region = 'global'
), place_problems as (
  -- Of every account and place of the run, whether anything is judged there or not: so the judgement need not be worked out again.
  select account_id, place, min(problem) as problem, min(related_problem) as related_problem
  from problems
  group by account_id, place
), related_gaps as (
  select g.resource_arn as related_arn, min(g.table_name || ' of ' || g.resource_arn || ' (' || g.cause || ')') as problem
  from gaps_by_place as g
  join control_evidence as e on e.table_name = g.table_name and e.confined
  group by g.resource_arn
), answered as (
  select
    j.account_id,
    j.region,
    j.resource_arn,
    j.resource_type,
    j.related_arn,
    j.status,
    j.reason,
    coalesce(
      case when c.account_id is null then o.problem else c.problem end,
      least(coalesce(r.related_problem, g.problem), coalesce(g.problem, r.related_problem))
    ) as problem
  from rows_judged as j
  -- What is missing of an account that the run does not know: everything.
  cross join (
    select min(case when not confined then table_name || ' (not_requested)' end) as problem from control_evidence
  ) as o
  left join regions as h on h.region = j.region
  left join regions as k on k.region = j.related_region
  left join place_problems as c on c.account_id = j.account_id and c.place = coalesce(h.region, 'global')
  left join place_problems as r
    on r.account_id = j.related_account_id and r.place = coalesce(k.region, 'global')
  left join related_gaps as g on g.related_arn = j.related_arn
), judgements as (
  select
    account_id,
    region,
    resource_arn,
    resource_type,
    related_arn,
    case when problem is null then status else 'unknown' end as status,
    case when problem is null then reason else 'could not be read: ' || problem end as reason,
    0 as of_scope
  from answered
  union all
  select account_id, region, 'AWS::::Account:' || account_id, 'AwsAccount', cast(null as varchar), 'unknown', reason, 1
  from scopes
), statuses as (
  -- The control's own judgement of an account goes before the scope's. The number keeps rows apart that are the same in all else:
  -- whoever made them must hear of it.
  select s.*, row_number() over (partition by account_id, region, resource_arn order by of_scope, status) as place
  from judgements as s
), agreed as (
  select
    w.waived_account_id as account_id,
    coalesce(o.account_id, '*') as ou_account_id,
    w.resource_pattern,
    w.owner || ': ' || w.reason as note
  from waivers as w
  join this_control as t on w.control_id in ('*', t.control_id)
  cross join settings as s
  left join account_ous as o on o.ou_id = w.waived_ou_id
  where (w.waived_ou_id = '*' or o.account_id is not null) and (w.expires_at is null or w.expires_at > s.as_of)
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
