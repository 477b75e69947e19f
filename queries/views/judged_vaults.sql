-- Vaults that matter and that their owner can change: they hold points, or a plan or a copy of any account targets them.
with targeted as (
  select v.arn
  from backup_vaults as v
  join backup_plan_rules as r
    on r.account_id = v.account_id
    and r.region = v.region
    and (r.target_vault_name = v.name or r.target_air_gapped_vault_arn = v.arn)
  union
  select destination_vault_arn as arn
  from backup_plan_copy_actions
  where destination_vault_arn is not null
)
select
  v.account_id,
  v.region,
  v.arn,
  v.name,
  coalesce(v.vault_type, 'BACKUP_VAULT') as vault_type,
  v.encryption_key_arn,
  v.encryption_key_type,
  v.recovery_point_count,
  v.locked,
  v.lock_date
from backup_vaults as v
left join targeted as t on t.arn = v.arn
-- What AWS did not tell of a vault leaves it among them.
where coalesce(v.vault_type, 'BACKUP_VAULT') <> 'RESTORE_ACCESS_BACKUP_VAULT'
  and coalesce(v.vault_state, 'AVAILABLE') not in ('CREATING', 'FAILED')
  and coalesce(v.name, '') <> 'aws/efs/automatic-backup-vault'
  and (coalesce(v.recovery_point_count, 1) > 0 or t.arn is not null)
