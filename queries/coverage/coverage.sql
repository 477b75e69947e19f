-- What was read of every cell: accounts x Regions x collectors, whatever answered. What no answer covers is unread.
with expected as (
  select a.account_id, r.region, c.collector
  from accounts as a
  cross join regions as r
  cross join collectors as c
  where a.audited and c.requested and c.scope = 'cell'
  union all
  select a.account_id, 'global' as region, c.collector
  from accounts as a
  cross join collectors as c
  where a.audited and c.requested and c.scope = 'account'
  union all
  select c.account_id, 'global' as region, c.collector
  from collectors as c
  where c.requested and c.scope = 'organization'
)
select
  e.account_id,
  e.region,
  coalesce(a.observed_at, s.as_of) as observed_at,
  e.collector,
  coalesce(a.status, 'unread') as status,
  case when a.status is null then 'lost' else a.cause end as cause,
  a.detail
from expected as e
cross join settings as s
left join answers as a
  on a.account_id = e.account_id and a.region = e.region and a.collector = e.collector
