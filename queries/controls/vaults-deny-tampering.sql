-- title: Vaults keep their protection from being taken off
-- family: access
-- severity: high
-- requirement: REL09-BP02
-- subject: backup_vaults, backup_plan_rules, backup_plan_copy_actions
-- evidence: vault_protection@related_arn
-- rationale: A policy that anyone may replace, and a lock that anyone may remove, delay an intruder by one call.
-- remediation: Deny PutBackupVaultAccessPolicy, DeleteBackupVaultAccessPolicy, DeleteBackupVaultLockConfiguration and
--   DeleteBackupVault to everyone but a break-glass role in the vault's access policy.
-- references: Config:BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED,
--   BackupAuditManager:BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
with tampering as (
  select account_id, region, vault_arn, action, covered, exempt,
    -- A lock in compliance mode cannot be removed, nor the vault while it holds points.
    action in ('backup:PutBackupVaultAccessPolicy', 'backup:DeleteBackupVaultAccessPolicy') as of_policy
  from vault_protection
  where action in ('backup:PutBackupVaultAccessPolicy', 'backup:DeleteBackupVaultAccessPolicy',
    'backup:DeleteBackupVaultLockConfiguration', 'backup:DeleteBackupVault')
), asked as (
  select
    v.account_id,
    v.region,
    v.arn,
    v.name,
    v.air_gapped,
    p.action,
    case when not v.immutable or p.of_policy then p.covered end as covered,
    case when not v.immutable or p.of_policy then p.exempt end as exempt
  from guarded_vaults as v
  left join tampering as p
    on p.account_id = v.account_id and p.region = v.region and p.vault_arn = v.arn
  where coalesce(v.name, '') <> 'aws/efs/automatic-backup-vault'
), vaults as (
  select
    account_id,
    region,
    arn,
    name,
    air_gapped,
    case
      when count(case when covered = 'no' then 1 end) > 0 then 'fail'
      when count(covered) = 0 or count(case when covered = 'unknown' then 1 end) > 0 then 'unknown'
      else 'pass'
    end as status,
    coalesce(max(case when covered = 'no' and action = 'backup:PutBackupVaultAccessPolicy' then ' PutBackupVaultAccessPolicy' end), '')
      || coalesce(max(case when covered = 'no' and action = 'backup:DeleteBackupVaultAccessPolicy' then ' DeleteBackupVaultAccessPolicy' end), '')
      || coalesce(max(case when covered = 'no' and action = 'backup:DeleteBackupVaultLockConfiguration' then ' DeleteBackupVaultLockConfiguration' end), '')
      || coalesce(max(case when covered = 'no' and action = 'backup:DeleteBackupVault' then ' DeleteBackupVault' end), '') as missing,
    max(exempt) as exempt
  from asked
  group by account_id, region, arn, name, air_gapped
)
select
  account_id,
  region,
  arn as resource_arn,
  'AwsBackupBackupVault' as resource_type,
  case when not air_gapped then arn end as related_arn,
  case when air_gapped then 'pass' else status end as status,
  'vault ' || name || case
    when air_gapped then ' is air-gapped: nobody takes its lock off'
    when status = 'fail' then ': its policy does not keep everyone from' || missing
    when status = 'unknown' then ': what its policy denies cannot be told'
    else ': its policy denies tampering to all but ' || exempt
  end as reason
from vaults
