-- Keys that backups hang on and that are not known to be usable, with what hangs on them. The judgement is the control's.
with aliases as (
  select key_arn, min(name) as alias
  from kms_aliases
  group by key_arn
)
select
  f.account_id,
  f.region,
  f.resource_arn as key_arn,
  f.status,
  f.reason,
  a.alias,
  k.key_state,
  k.deletion_date,
  b.recovery_points,
  b.vaults,
  b.ebs_snapshots,
  b.rds_backups,
  b.other_backups
from findings as f
left join backup_keys as b
  on b.account_id = f.account_id and b.region = f.region and b.key_arn = f.resource_arn
left join kms_keys as k on k.arn = f.resource_arn
left join aliases as a on a.key_arn = f.resource_arn
where f.control_id = 'backup-keys-are-usable'
  and f.status <> 'pass'
  and f.resource_type = 'AwsKmsKey'
