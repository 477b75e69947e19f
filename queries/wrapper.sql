-- Around every control: what was not read is unknown. `judged` is the control's own answer;
-- `this_control`, `control_subjects` and `control_evidence` are its header. Athena works out a CTE again wherever it is named, and
-- takes 150 stages at most: name each as seldom as can be.
with rows_judged as (
  select
    cast(account_id as varchar) as account_id,
    cast(region as varchar) as region,
    -- What AWS named by no name cannot be judged: it is an unknown of its cell.
    coalesce(cast(resource_arn as varchar), 'AWS::::Account:' || cast(account_id as varchar)) as resource_arn,
    case when resource_arn is null then 'AwsAccount' else cast(resource_type as varchar) end as resource_type,
    cast(related_arn as varchar) as related_arn,
    case when resource_arn is null then 'unknown' else coalesce(cast(status as varchar), 'unknown') end as status,
    case when resource_arn is null then 'could not be read: AWS answered something without its name'
      else cast(reason as varchar) end as reason,
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
  select j.account_id, j.region, case when e.place = 1 then j.resource_arn else j.related_arn end as arn
  from rows_judged as j
  cross join ends as e
  where e.place = 1 or j.related_arn is not null
), subject_problems as (
  select
    t.account_id,
    t.region,
    cast(null as varchar) as resource_arn,
    t.table_name || ' (' || coalesce(t.cause, 'error') || ')' as problem
  from table_coverage as t
  join control_subjects as s on s.table_name = t.table_name
  where t.status = 'unread'
  union all
  select
    g.account_id,
    g.region,
    g.resource_arn,
    g.table_name || ' of ' || g.resource_arn || ' (' || coalesce(g.cause, 'error') || ')'
  from gaps as g
  join control_subjects as s on s.table_name = g.table_name
  where g.resource_arn is not null
    and coalesce(g.cause, 'error') not in ('service_absent', 'region_disabled', 'not_enrolled')
), closed_accounts as (
  select account_id, min(coalesce(cause, 'error')) as cause
  from gaps
  where region = 'global' and table_name = '*' and collector = '*'
  group by account_id
), placed_problems as (
  select
    p.account_id,
    p.region as read_in,
    case when c.account_id is null then p.region else 'global' end as region,
    p.resource_arn,
    p.problem,
    c.cause
  from subject_problems as p
  left join closed_accounts as c on c.account_id = p.account_id
), unanswered as (
  -- Not told of what is judged otherwise: of the resource that could not be read, or of the account by the control itself.
  select p.account_id, p.region, p.problem, p.cause
  from placed_problems as p
  cross join ends as e
  left join named as n
    on n.account_id = p.account_id
    and n.region = case when e.place = 1 then p.read_in else p.region end
    and n.arn = case when e.place = 1 then p.resource_arn else 'AWS::::Account:' || p.account_id end
  group by p.account_id, p.read_in, p.region, p.resource_arn, p.problem, p.cause
  having count(n.arn) = 0
), scopes as (
  select
    account_id,
    region,
    case when min(cause) is null then 'could not be read: ' || min(problem)
      else 'the account could not be entered (' || min(cause) || ')' end as reason
  from unanswered
  group by account_id, region
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
), own_gaps as (
  -- Why a control cannot tell, where it says itself that it cannot.
  select g.account_id, g.region, g.resource_arn, min(g.table_name || ' (' || coalesce(g.cause, 'error') || ')') as why
  from gaps as g
  join control_subjects as s on s.table_name = g.table_name
  where g.resource_arn is not null
  group by g.account_id, g.region, g.resource_arn
), answered as (
  select
    j.account_id,
    j.region,
    j.resource_arn,
    j.resource_type,
    j.related_arn,
    j.status,
    j.reason || case when j.status = 'unknown' then coalesce('; could not be read: ' || w.why, '') else '' end as reason,
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
  left join own_gaps as w
    on w.account_id = j.account_id and w.region = j.region and w.resource_arn = j.resource_arn
), judgements as (
  select
    account_id,
    region,
    resource_arn,
    resource_type,
    related_arn,
    case when problem is null then status else 'unknown' end as status,
    case when problem is null then reason else 'could not be read: ' || problem end as reason
  from answered
  union all
  select account_id, region, 'AWS::::Account:' || account_id, 'AwsAccount', cast(null as varchar), 'unknown', reason
  from scopes
)
select
  j.account_id,
  j.region,
  x.as_of as observed_at,
  j.resource_arn,
  j.resource_type,
  j.related_arn,
  j.status,
  j.reason,
  t.severity,
  t.family,
  t.control_id
from judgements as j
cross join this_control as t
cross join settings as x
