-- What could not be read, and why: by account, Region, cause and part.
select
  account_id,
  region,
  collector,
  resource_arn,
  cause,
  min(detail) as detail
from gaps
where cause not in ('service_absent', 'region_disabled', 'not_enrolled') and operation <> 'inputs'
group by account_id, region, collector, resource_arn, cause
union all
select account_id, region, collector, null as resource_arn, cause, min(detail) as detail
from coverage
where cause = 'lost'
group by account_id, region, collector, cause
