-- title: Keys of backups allow isolation
-- family: keys
-- severity: medium
-- requirement: REL09-BP02
-- subject: recovery_points, ebs_snapshots, rds_snapshots
-- evidence: kms_keys@related_arn
-- rationale: The accounts' backups are to be copied away, and AWS refuses to copy to another account what is under an AWS managed
--   key, because no one can share that key. Backups that AWS Backup encrypts by itself are excepted: a copy gets a key of its own.
-- remediation: Encrypt the sources with a customer managed key, and back up again.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
-- setting: isolation_required
-- spans: accounts
with uses as (
  select account_id, region, effective_key_arn as key_arn
  from judged_points
  where coalesce(encryption_source, 'source') = 'source'
  union all
  select account_id, region, kms_key_arn
  from ebs_snapshots
  where encrypted and not coalesce(made_by_aws_backup, false)
  union all
  select account_id, region, kms_key_arn
  from rds_snapshots
  where coalesce(encrypted, true) and not coalesce(made_by_aws_backup, false)
), backups as (
  select u.account_id, u.region, u.key_arn, count(*) as backups
  from uses as u
  join isolation_required as i on i.isolated_account_id = u.account_id
  where u.key_arn is not null
  group by u.account_id, u.region, u.key_arn
)
select
  b.account_id,
  b.region,
  b.key_arn as resource_arn,
  'AwsKmsKey' as resource_type,
  b.key_arn as related_arn,
  case
    -- No AWS managed key works outside of its account.
    when a.account_id is null or k.key_manager = 'CUSTOMER' then 'pass'
    when k.key_manager = 'AWS' then 'fail'
    else 'unknown'
  end as status,
  cast(b.backups as varchar) || ' backups are under ' || case
    when a.account_id is null then 'a key of account ' || coalesce(split_part(b.key_arn, ':', 5), '')
    when k.key_manager = 'CUSTOMER' then 'a customer managed key'
    when k.key_manager = 'AWS' then 'an AWS managed key, and cannot be copied to another account'
    else 'a key of which AWS does not say who manages it'
  end as reason
from backups as b
left join kms_keys as k on k.arn = b.key_arn
left join accounts as a on a.account_id = coalesce(split_part(b.key_arn, ':', 5), '')
