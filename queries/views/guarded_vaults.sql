-- Vaults whose access policies are judged: those of `judged_vaults`, and the automatic vault of EFS where it holds points.
-- In an immutable one nobody deletes points: it is locked in compliance mode, or air-gapped.
with vaults as (
  select account_id, region, arn, name, vault_type, locked, lock_date
  from judged_vaults
  union all
  select account_id, region, arn, name, coalesce(vault_type, 'BACKUP_VAULT'), locked, lock_date
  from backup_vaults
  where name = 'aws/efs/automatic-backup-vault'
    and coalesce(recovery_point_count, 0) > 0
)
select
  v.account_id,
  v.region,
  v.arn,
  v.name,
  v.vault_type = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' as air_gapped,
  v.vault_type = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT'
    or (coalesce(v.locked, false) and coalesce(v.lock_date <= s.as_of, false)) as immutable
from vaults as v
cross join settings as s
