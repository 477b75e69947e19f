-- title: Vaults keep recovery points from being deleted
-- family: access
-- severity: high
-- requirement: REL09-BP02
-- subject: backup_vaults, backup_plan_rules, backup_plan_copy_actions, recovery_points
-- evidence: vault_protection@related_arn
-- rationale: Whoever gets into the account with wide permissions deletes the backups first. A Deny in the vault's own policy
--   holds against every identity policy; a lock in compliance mode and an air gap hold against everyone.
-- remediation: Deny DeleteRecoveryPoint and UpdateRecoveryPointLifecycle (and, where there are continuous backups,
--   DisassociateRecoveryPoint) to everyone but a break-glass role in the vault's access policy, or lock the vault in compliance mode.
-- references: Config:BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED,
--   BackupAuditManager:BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
with continuous as (
  select distinct account_id, region, vault_arn
  from judged_points
  where arn like '%:recovery-point:continuous:%'
), asked as (
  select v.account_id, v.region, v.arn, v.name, v.immutable, v.air_gapped, p.action, p.covered, p.exempt
  from guarded_vaults as v
  left join vault_protection as p
    on p.account_id = v.account_id and p.region = v.region and p.vault_arn = v.arn
    and p.action in ('backup:DeleteRecoveryPoint', 'backup:UpdateRecoveryPointLifecycle', 'backup:DisassociateRecoveryPoint')
  left join continuous as c
    on c.account_id = v.account_id and c.region = v.region and c.vault_arn = v.arn
  where coalesce(p.action, '') <> 'backup:DisassociateRecoveryPoint' or c.vault_arn is not null
), vaults as (
  select
    account_id,
    region,
    arn,
    name,
    case when air_gapped then ' is air-gapped' when immutable then ' is locked in compliance mode' end as immutability,
    case
      when count(case when covered = 'no' then 1 end) > 0 then 'fail'
      when count(covered) = 0 or count(case when covered = 'unknown' then 1 end) > 0 then 'unknown'
      else 'pass'
    end as status,
    coalesce(max(case when covered = 'no' and action = 'backup:DeleteRecoveryPoint' then ' DeleteRecoveryPoint' end), '')
      || coalesce(max(case when covered = 'no' and action = 'backup:UpdateRecoveryPointLifecycle' then ' UpdateRecoveryPointLifecycle' end), '')
      || coalesce(max(case when covered = 'no' and action = 'backup:DisassociateRecoveryPoint' then ' DisassociateRecoveryPoint' end), '')
      as missing,
    max(exempt) as exempt
  from asked
  group by account_id, region, arn, name, immutable, air_gapped
)
select
  account_id,
  region,
  arn as resource_arn,
  'AwsBackupBackupVault' as resource_type,
  case when immutability is null then arn end as related_arn,
  case when immutability is not null then 'pass' else status end as status,
  'vault ' || name || case
    when immutability is not null then immutability
    when status = 'fail' then ': its policy does not keep everyone from' || missing
    when status = 'unknown' then ': what its policy denies cannot be told'
    else ': its policy denies deletion to all but ' || exempt
  end as reason
from vaults
