-- Jobs of restore testing plans; `succeeded` is 1 where one shows, lately enough, that a backup could be restored.
select
  j.account_id,
  j.region,
  j.resource_type as source_type,
  j.resource_arn as source_arn,
  case
    when j.status = 'COMPLETED'
      and coalesce(j.validation_status, 'SUCCESSFUL') = 'SUCCESSFUL'
      and j.completed_at >= s.as_of - coalesce(s.restore_test_max_age_days, 90) * interval '1' day
      then 1
  end as succeeded
from restore_testing_jobs as j
cross join settings as s
