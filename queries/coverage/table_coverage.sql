-- Whether a table was read whole in a cell. A gap of the whole table, or of the whole account, makes it unread. What is asked once
-- for the whole organization holds in every account, and needs no entry into the account that it is asked from. A run stores it: every
-- control reads it, and Athena would work it out again at each mention.
with table_gaps as (
  select
    c.account_id,
    c.region,
    t.table_name,
    min(case when g.cause in ('service_absent', 'region_disabled', 'not_enrolled') then null
      else coalesce(g.cause, 'error') end) as cause,
    min(coalesce(g.detail, '')) as detail
  from cell_coverage as c
  join collector_tables as t on t.collector = c.collector
  join collectors as k on k.collector = c.collector
  join gaps as g
    on g.account_id = c.account_id
    and g.region in (c.region, 'global')
    and (g.collector = c.collector or (g.collector = '*' and k.scope <> 'organization'))
    and g.table_name in (t.table_name, '*')
  where g.resource_arn is null
  group by c.account_id, c.region, t.table_name
), of_tables as (
  select
    c.account_id,
    c.region,
    c.observed_at,
    k.scope,
    t.table_name,
    case
      when c.status in ('not_applicable', 'not_requested') then 'not_applicable'
      when c.status not in ('complete', 'partial') then 'unread'
      when g.cause is not null then 'unread'
      when g.table_name is not null then 'not_applicable'
      else 'complete'
    end as status,
    coalesce(g.cause, c.cause) as cause,
    coalesce(g.detail, c.detail) as detail
  from cell_coverage as c
  join collector_tables as t on t.collector = c.collector
  join collectors as k on k.collector = c.collector
  left join table_gaps as g
    on g.account_id = c.account_id and g.region = c.region and g.table_name = t.table_name
)
select o.account_id, o.region, o.observed_at, o.table_name, o.status, o.cause, o.detail
from of_tables as o
where o.scope <> 'organization'
union all
select a.account_id, o.region, o.observed_at, o.table_name, o.status, o.cause, o.detail
from of_tables as o
cross join accounts as a
where o.scope = 'organization' and a.audited
