-- By account and type: how many data stores there are, and how many no plan protects.
with chosen as (
  select distinct account_id, region, resource_arn
  from protected_by
)
select
  s.account_id,
  a.name as account,
  s.resource_type,
  count(*) as data_stores,
  count(case when c.resource_arn is null then 1 end) as unprotected
from data_stores as s
left join accounts as a on a.account_id = s.account_id
left join chosen as c
  on c.account_id = s.account_id and c.region = s.region and c.resource_arn = s.arn
group by s.account_id, a.name, s.resource_type
order by unprotected desc, s.account_id, s.resource_type
