-- title: Recovery points are encrypted
-- family: encryption
-- severity: critical
-- requirement: REL09-BP02
-- subject: recovery_points
-- rationale: A recovery point in clear text gives whoever can copy or share it the data itself, without any
--   key to stop them.
-- remediation: Encrypt the source where the type inherits its encryption from it, or the vault where AWS
--   Backup encrypts by itself, back up again, and delete the unencrypted points after their retention.
-- references: SecurityHub:Backup.1, Config:BACKUP_RECOVERY_POINT_ENCRYPTED,
--   BackupAuditManager:BACKUP_RECOVERY_POINT_ENCRYPTED, Prowler:backup_recovery_point_encrypted,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
-- granularity: source
select
  p.account_id,
  p.region,
  p.arn as resource_arn,
  'AwsBackupRecoveryPoint' as resource_type,
  p.source_arn as related_arn,
  case
    when p.encrypted then 'pass'
    when not p.encrypted then 'fail'
    else 'unknown'
  end as status,
  coalesce(p.source_type, 'the') || ' recovery point in vault ' || coalesce(p.vault_name, '?') || case
    when p.encrypted then ' is encrypted'
    when not p.encrypted and p.encryption_source = 'source' then ' is not encrypted: it inherits that from its source, '
      || coalesce(p.source_arn, 'which is not named')
    when not p.encrypted then ' is not encrypted'
    else ' does not tell whether it is encrypted'
  end as reason
from judged_points as p
