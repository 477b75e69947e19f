-- Coverage as it counts: a Region where an SCP denies everything is out of scope when the settings say so.
with denied as (
  select c.account_id, c.region
  from coverage as c
  cross join settings as s
  where s.scp_denied_regions = 'out_of_scope' and c.status <> 'not_applicable'
  group by c.account_id, c.region
  having count(*) = count(case when c.cause = 'denied_scp' and c.status = 'unread' then 1 end)
)
select
  c.account_id,
  c.region,
  c.observed_at,
  c.collector,
  case when d.account_id is not null then 'not_applicable' else c.status end as status,
  c.cause,
  c.detail
from coverage as c
left join denied as d
  on d.account_id = c.account_id and d.region = c.region
