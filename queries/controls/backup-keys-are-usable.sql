-- title: Keys that backups hang on are usable
-- family: keys
-- severity: critical
-- requirement: REL09-BP02
-- subject: recovery_points, backup_vaults, backup_plan_rules, backup_plan_copy_actions, ebs_snapshots,
--   rds_snapshots, rds_automated_backups, fsx_backups, redshift_snapshots,
--   redshift_serverless_snapshots, elasticache_snapshots, elasticache_serverless_snapshots,
--   memorydb_snapshots, dynamodb_backups, dynamodb_backup_keys
-- evidence: kms_keys@related_arn
-- rationale: A backup under a key that is disabled, about to be deleted or out of reach cannot be restored;
--   it is lost on the day it is needed.
-- remediation: Enable the key, cancel its deletion or import its material again; where the key is gone or
--   foreign, back up again under a key of your own.
-- references: SecurityHub:KMS.3, Config:KMS_CMK_NOT_SCHEDULED_FOR_DELETION,
--   Prowler:kms_cmk_not_deleted_unintentionally,
--   https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
-- spans: accounts
with keys as (
  select
    b.*,
    case
      when a.account_id is null then 'is foreign, of account ' || coalesce(split_part(b.key_arn, ':', 5), '')
      when k.arn is null then 'no longer exists'
      when k.key_state in ('Disabled', 'PendingDeletion', 'PendingImport', 'PendingReplicaDeletion', 'Unavailable')
        then 'is in state ' || k.key_state
      when k.valid_to <= s.as_of then 'has expired key material'
    end as defect,
    k.key_state
  from backup_keys as b
  cross join settings as s
  left join kms_keys as k on k.arn = b.key_arn
  left join accounts as a on a.account_id = coalesce(split_part(b.key_arn, ':', 5), '')
)
select
  account_id,
  region,
  key_arn as resource_arn,
  'AwsKmsKey' as resource_type,
  key_arn as related_arn,
  case
    when defect is not null then 'fail'
    when key_state is null then 'unknown'
    else 'pass'
  end as status,
  'the key ' || coalesce(defect, 'is in state ' || key_state, 'does not tell its state')
    || '; on it hang ' || cast(recovery_points as varchar) || ' recovery points, '
    || cast(vaults as varchar) || ' vaults, '
    || cast(ebs_snapshots as varchar) || ' EBS snapshots, '
    || cast(rds_backups as varchar) || ' RDS snapshots and automated backups, '
    || cast(other_backups as varchar) || ' other backups' as reason
from keys
