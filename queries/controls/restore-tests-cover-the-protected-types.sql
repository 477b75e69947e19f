-- title: Restore tests cover the protected types
-- family: recoverability
-- severity: medium
-- requirement: REL09-BP02
-- subject: recovery_points
-- evidence: restore_testing_selections, restore_testing_jobs
-- rationale: Only a restore shows that a backup can be restored: that it is whole, that its key still decrypts, that the role may.
-- remediation: Select the type in a restore testing plan, all of its resources (ProtectedResourceArns "*" without
--   conditions) rather than some, and see why the last tests failed.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
with selected as (
  select
    account_id,
    region,
    protected_resource_type as source_type,
    max(case when reach = 'all' then 1 else 0 end) as whole,
    -- Whether a resource meets conditions is not looked up: only a test of it shows that it does.
    max(case when reach in ('all', 'named') then 0 else 1 end) as conditional
  from restore_testing_selections
  group by account_id, region, protected_resource_type
), tests as (
  select account_id, region, source_type, count(*) as tests, count(succeeded) as succeeded
  from restore_tests
  group by account_id, region, source_type
)
select
  p.account_id,
  p.region,
  'AWS::::Account:' || p.account_id || '/restore-tests/' || p.source_type as resource_arn,
  'AwsAccount' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when l.source_type is null or coalesce(t.succeeded, 0) = 0 then 'fail'
    when l.whole = 1 or p.reached = p.sources then 'pass'
    when l.conditional = 1 then 'unknown'
    else 'fail'
  end as status,
  case when l.source_type is null then 'no restore testing plan selects ' else 'a restore testing plan selects ' end
    || p.source_type || ', of which there are ' || cast(p.points as varchar) || ' recovery points'
    || case
      when l.whole = 0
        then case when l.conditional = 1 then ', by conditions: ' else ', by name: ' end || cast(p.reached as varchar)
          || ' of ' || cast(p.sources as varchar) || ' resources are named or were restored'
      else ''
    end || '; of ' || cast(coalesce(t.tests, 0) as varchar) || ' tests ' || cast(coalesce(t.succeeded, 0) as varchar)
    || ' succeeded within the required ' || cast(coalesce(s.restore_test_max_age_days, 90) as varchar) || ' days' as reason
from restorable_types as p
cross join settings as s
left join selected as l
  on l.account_id = p.account_id and l.region = p.region and l.source_type = p.source_type
left join tests as t
  on t.account_id = p.account_id and t.region = p.region and t.source_type = p.source_type
