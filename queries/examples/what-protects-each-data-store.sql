-- Every data store with the plans and policies that protect it; a store without any has none in its row.
select
  s.account_id,
  s.region,
  s.resource_type,
  s.name,
  s.arn,
  p.kind,
  p.plan_name,
  p.selection_name,
  p.through_arn,
  p.interval_hours
from data_stores as s
left join protected_by as p
  on p.account_id = s.account_id and p.region = s.region and p.resource_arn = s.arn
order by s.account_id, s.region, s.resource_type, s.arn, p.plan_name, p.selection_name
