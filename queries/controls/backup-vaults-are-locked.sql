-- title: Backup vaults are locked
-- family: immutability
-- severity: high
-- requirement: REL09-BP02
-- subject: backup_vaults, backup_plan_rules, backup_plan_copy_actions
-- rationale: A vault lock keeps recovery points from being deleted before their time, whoever holds the
--   credentials.
-- remediation: Put a vault lock on the vault (PutBackupVaultLockConfiguration), first in governance mode.
-- references: BackupAuditManager:BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
select
  account_id,
  region,
  arn as resource_arn,
  'AwsBackupBackupVault' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when vault_type = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' or locked then 'pass'
    when not locked then 'fail'
    else 'unknown'
  end as status,
  'vault ' || name || case
    when vault_type = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' then ' is air-gapped, and so locked'
    when locked then ' is locked'
    when not locked then ' is not locked; recovery points: ' || coalesce(cast(recovery_point_count as varchar), 'unknown')
    else ' does not tell whether it is locked'
  end as reason
from judged_vaults
