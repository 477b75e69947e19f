-- title: Keys that backups hang on rotate
-- family: keys
-- severity: low
-- requirement: REL09-BP02
-- subject: kms_keys, recovery_points, backup_vaults, backup_plan_rules, backup_plan_copy_actions,
--   ebs_snapshots, rds_snapshots, rds_automated_backups, fsx_backups, redshift_snapshots,
--   redshift_serverless_snapshots, elasticache_snapshots, elasticache_serverless_snapshots,
--   memorydb_snapshots, dynamodb_backups, dynamodb_backup_keys
-- evidence: kms_key_rotation@related_arn
-- rationale: Rotation bounds how much is lost when key material leaks; old material stays, so backups
--   remain readable.
-- remediation: Turn on automatic rotation of the key (EnableKeyRotation).
-- references: SecurityHub:KMS.4, Config:CMK_BACKING_KEY_ROTATION_ENABLED, Prowler:kms_cmk_rotation_enabled,
--   https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
-- spans: accounts
with used as (
  select distinct key_arn
  from backup_keys
)
select
  k.account_id,
  k.region,
  k.arn as resource_arn,
  'AwsKmsKey' as resource_type,
  k.arn as related_arn,
  case
    when r.rotation_enabled then 'pass'
    when not r.rotation_enabled then 'fail'
    else 'unknown'
  end as status,
  case
    when r.rotation_enabled then 'automatic rotation of the key is on'
    when not r.rotation_enabled then 'automatic rotation of the key is off'
    else 'AWS did not say whether the key rotates'
  end as reason
from kms_keys as k
join used as u on u.key_arn = k.arn
left join kms_key_rotation as r
  on r.account_id = k.account_id and r.region = k.region and r.key_arn = k.arn
where coalesce(k.key_manager, 'CUSTOMER') = 'CUSTOMER'
  and coalesce(k.key_spec, 'SYMMETRIC_DEFAULT') = 'SYMMETRIC_DEFAULT'
  and coalesce(k.origin, 'AWS_KMS') = 'AWS_KMS'
  and coalesce(k.key_state, 'Enabled') = 'Enabled'
