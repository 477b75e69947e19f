-- Vaults with recovery points that neither a lock nor a policy protects.
select v.account_id, a.name, v.region, v.name as vault, v.recovery_point_count
from backup_vaults as v
left join accounts as a on a.account_id = v.account_id
left join backup_vault_policies as p
  on p.account_id = v.account_id and p.region = v.region and p.vault_arn = v.arn
where v.recovery_point_count > 0 and not coalesce(v.locked, false) and p.vault_arn is null
order by v.recovery_point_count desc, v.account_id, v.region, v.name
