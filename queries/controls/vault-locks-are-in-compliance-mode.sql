-- title: Vault locks are in compliance mode
-- family: immutability
-- severity: medium
-- requirement: REL09-BP02
-- subject: backup_vaults, backup_plan_rules, backup_plan_copy_actions
-- rationale: A lock in governance mode is taken off by whoever may delete the lock; in compliance mode no
--   one can, AWS included.
-- remediation: Put the lock again with ChangeableForDays, and let the cooling-off time pass once the
--   retention bounds have proved right.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
select
  v.account_id,
  v.region,
  v.arn as resource_arn,
  'AwsBackupBackupVault' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when v.vault_type = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' then 'pass'
    when v.locked is null then 'unknown'
    when v.lock_date <= s.as_of then 'pass'
    else 'fail'
  end as status,
  'vault ' || v.name || case
    when v.vault_type = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' then ' is air-gapped, and so in compliance mode'
    when v.locked is null then ' does not tell whether it is locked'
    when v.lock_date <= s.as_of then ' is locked in compliance mode'
    when v.lock_date is not null then ' is cooling off: its lock can still be taken away'
    else ' is locked in governance mode: its lock can be taken away'
  end as reason
from judged_vaults as v
cross join settings as s
where v.vault_type = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' or coalesce(v.locked, true)
