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
with points as (
  -- Parents are judged too: that a member is missing is told by the parent alone.
  select
    account_id,
    region,
    arn,
    coalesce(vault_arn, '') as vault_arn,
    vault_name,
    source_arn,
    coalesce(source_arn, arn) as made_of,
    status,
    coalesce(created_at, timestamp '1970-01-01 00:00:00') as made_at
  from recovery_points
  where coalesce(status, '') not in ('DELETING', 'CREATING')
), newest as (
  select account_id, region, vault_arn, made_of, max(made_at) as made_at
  from points
  group by account_id, region, vault_arn, made_of
), latest as (
  -- Of points of the same moment the first: few rows are numbered, since the newest are told apart before.
  select p.*, row_number() over (partition by p.account_id, p.region, p.vault_arn, p.made_of order by p.arn) as place
  from points as p
  join newest as n
    on n.account_id = p.account_id and n.region = p.region and n.vault_arn = p.vault_arn
    and n.made_of = p.made_of and n.made_at = p.made_at
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
