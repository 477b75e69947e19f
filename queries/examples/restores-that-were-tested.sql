-- For each account, Region and type with backups: how restore tests of it ended, and when the last one did.
select
  j.account_id,
  j.region,
  j.resource_type,
  j.status,
  j.validation_status,
  count(*) as jobs,
  max(j.completed_at) as last_completed_at
from restore_testing_jobs as j
group by j.account_id, j.region, j.resource_type, j.status, j.validation_status
order by j.account_id, j.region, j.resource_type, j.status, j.validation_status
