-- title: Restore tests cover the protected types
-- family: recoverability
-- severity: medium
-- requirement: REL09-BP02
-- subject: recovery_points
-- evidence: restore_testing_selections, restore_testing_jobs
-- rationale: Only a restore shows that a backup can be restored: that it is whole, that its key still decrypts, that the role may.
-- remediation: Select the type in a restore testing plan, and see why the last tests failed.
-- references: BackupAuditManager:RESTORE_TIME_FOR_RESOURCES_MEET_TARGET,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
with protected as (
  -- Members of a composite backup are restored with it; other types cannot be tested.
  select account_id, region, source_type, count(*) as points
  from recovery_points
  where parent_arn is null
    and coalesce(status, '') not in ('DELETING', 'CREATING')
    and source_type in ('Aurora', 'DocumentDB', 'DynamoDB', 'EBS', 'EC2', 'EFS', 'FSx', 'Neptune', 'RDS', 'S3')
  group by account_id, region, source_type
), selected as (
  select distinct account_id, region, protected_resource_type as source_type
  from restore_testing_selections
), tests as (
  select
    j.account_id,
    j.region,
    j.resource_type as source_type,
    count(*) as tests,
    count(
      case
        when j.status = 'COMPLETED'
          and coalesce(j.validation_status, 'SUCCESSFUL') = 'SUCCESSFUL'
          and j.completed_at >= s.as_of - to_days(coalesce(s.restore_test_max_age_days, 90))
          then 1
      end
    ) as succeeded
  from restore_testing_jobs as j
  cross join settings as s
  group by j.account_id, j.region, j.resource_type
)
select
  p.account_id,
  p.region,
  'AWS::::Account:' || p.account_id || '/restore-tests/' || p.source_type as resource_arn,
  'AwsAccount' as resource_type,
  cast(null as varchar) as related_arn,
  case when l.source_type is not null and coalesce(t.succeeded, 0) > 0 then 'pass' else 'fail' end as status,
  case when l.source_type is null then 'no restore testing plan selects ' else 'a restore testing plan selects ' end
    || p.source_type || ', of which there are ' || cast(p.points as varchar) || ' recovery points; of '
    || cast(coalesce(t.tests, 0) as varchar) || ' tests ' || cast(coalesce(t.succeeded, 0) as varchar)
    || ' succeeded within the required ' || cast(coalesce(s.restore_test_max_age_days, 90) as varchar) || ' days' as reason
from protected as p
cross join settings as s
left join selected as l
  on l.account_id = p.account_id and l.region = p.region and l.source_type = p.source_type
left join tests as t
  on t.account_id = p.account_id and t.region = p.region and t.source_type = p.source_type
