-- Who can delete backups, of which services and by which statements; policies of vaults and locks aside.
select
  p.account_id,
  a.name as account,
  coalesce(r.access, 'own') as access,
  p.principal_arn,
  p.service,
  p.kind_of_thing,
  p.decision,
  p.extent,
  p.statements
from principal_powers as p
left join accounts as a on a.account_id = p.account_id
left join principals as r on r.account_id = p.account_id and r.arn = p.principal_arn
where p.power = 'destroy_backups'
order by p.account_id, access, p.principal_arn, p.service, p.kind_of_thing
