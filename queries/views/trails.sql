-- What each trail that records in an account does. What an organization's trail records, only the account that owns it is told.
with told as (
  select arn, bool_or(is_logging) as is_logging, max(management_events) as management_events
  from cloudtrail_trails
  group by arn
)
select
  t.account_id,
  t.arn,
  t.name,
  t.home_region,
  t.multi_region,
  t.log_file_validation,
  coalesce(t.is_logging, o.is_logging) as is_logging,
  coalesce(t.management_events, o.management_events) as management_events
from cloudtrail_trails as t
join told as o on o.arn = t.arn
