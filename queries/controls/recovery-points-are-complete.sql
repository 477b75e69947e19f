-- title: The latest recovery points are complete
-- family: recoverability
-- severity: medium
-- requirement: REL09-BP02
-- subject: recovery_points
-- rationale: A partial composite backup lacks members, and an expired one has outlived its retention without a successor; who
--   restores from the latest point gets less than was meant.
-- remediation: See the backup job's messages for what was left out, and back up again. Delete expired points by hand, or give
--   the role that made them the right to delete.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRecoveryPoint.html
-- granularity: source
with latest as (
  -- Parents are judged too: that a member is missing is told by the parent alone.
  select
    p.*,
    row_number() over (
      partition by p.account_id, p.region, p.vault_arn, coalesce(p.source_arn, p.arn)
      order by p.created_at desc, p.arn
    ) as place
  from recovery_points as p
  where coalesce(p.status, '') not in ('DELETING', 'CREATING')
)
select
  account_id,
  region,
  arn as resource_arn,
  'AwsBackupRecoveryPoint' as resource_type,
  source_arn as related_arn,
  case
    when status is null then 'unknown'
    when status in ('PARTIAL', 'EXPIRED') then 'fail'
    else 'pass'
  end as status,
  'the latest recovery point of ' || coalesce(source_arn, 'an unnamed resource') || ' in vault '
    || coalesce(vault_name, '') || case
    when status = 'PARTIAL' then ' lacks some of its members (PARTIAL)'
    when status = 'EXPIRED' then ' has outlived its retention (EXPIRED)'
    else ' is ' || coalesce(status, 'without a status')
  end as reason
from latest
where place = 1
