-- Vaults with recovery points, by how many users and roles can delete these, at once or once they have taken off a lock or policy.
select
  v.account_id,
  a.name as account,
  v.region,
  v.name as vault,
  v.recovery_point_count,
  count(case when p.way = 'at once' then 1 end) as at_once,
  count(case when p.way = 'unlocked' then 1 end) as once_unlocked,
  min(p.principal_arn) as such_as
from backup_vaults as v
left join accounts as a on a.account_id = v.account_id
left join vault_powers as p on p.account_id = v.account_id and p.vault_arn = v.arn
where v.recovery_point_count > 0
group by v.account_id, a.name, v.region, v.name, v.recovery_point_count
order by count(p.principal_arn) desc, v.account_id, v.region, v.name
