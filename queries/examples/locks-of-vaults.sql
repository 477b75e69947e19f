-- Vaults that hold backups, by how they are locked: compliance for good, cooling off, governance, or not at all.
select
  v.account_id,
  v.region,
  v.name,
  v.vault_type,
  v.recovery_point_count,
  case
    when v.vault_type = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' then 'compliance'
    when not coalesce(v.locked, false) then 'none'
    when v.lock_date is null then 'governance'
    when v.lock_date <= s.as_of then 'compliance'
    else 'cooling off'
  end as lock,
  b.min_retention_days,
  b.max_retention_days
from judged_vaults as v
cross join settings as s
join backup_vaults as b on b.account_id = v.account_id and b.region = v.region and b.arn = v.arn
order by lock, v.account_id, v.region, v.name
