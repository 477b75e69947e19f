-- title: Nobody can destroy data and all of its backups
-- family: separation
-- severity: critical
-- requirement: REL09-BP02
-- subject: principals, principal_powers, recovery_points
-- evidence: vault_powers, store_backups
-- rationale: The first anti-pattern of the practice: the same access to the backups as to the data. One stolen credential, or one
--   mistake, then ends both.
-- remediation: Deny deletion in the vault's access policy to all but a break-glass role, lock the vault in compliance mode, or copy
--   the backups to an air-gapped vault or another account. What survives there, survives.
-- references: https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_backing_up_data_secured_backups_data.html
with destroyers as (
  select distinct account_id, principal_arn, service, kind_of_thing
  from held_powers
  where power = 'destroy_data'
), deleters as (
  select distinct account_id, principal_arn, service, kind_of_thing
  from held_powers
  where power = 'destroy_backups'
), emptied as (
  select v.account_id, v.principal_arn, v.vault_arn
  from vault_powers as v
  cross join settings as s
  where v.decision = 'allowed' or coalesce(s.conditional_powers, 'allowed') = 'allowed'
), abroad as (
  select distinct source_arn, account_id
  from recovery_points
  where coalesce(status, '') not in ('DELETING', 'CREATING')
), isolated as (
  select distinct b.account_id, b.store_arn
  from store_backups as b
  join abroad as p on p.source_arn = b.store_arn and p.account_id <> b.account_id
), lost as (
  select d.account_id, d.principal_arn, b.store_arn
  from destroyers as d
  join store_backups as b
    on b.account_id = d.account_id and b.service = d.service and b.kind_of_thing = d.kind_of_thing
  left join isolated as i
    on i.account_id = b.account_id and i.store_arn = b.store_arn
  left join emptied as e
    on e.account_id = d.account_id and e.principal_arn = d.principal_arn and e.vault_arn = b.vault_arn
  left join deleters as n
    on n.account_id = d.account_id and n.principal_arn = d.principal_arn
    and n.service = b.service and n.kind_of_thing = case when b.place = 'native' then b.backup_kind end
  where i.store_arn is null
  group by d.account_id, d.principal_arn, b.store_arn
  having count(*) = count(case when b.place = 'store' or e.vault_arn is not null or n.principal_arn is not null then 1 end)
), counted as (
  select d.account_id, d.principal_arn, count(distinct l.store_arn) as stores, min(l.store_arn) as example
  from destroyers as d
  left join lost as l
    on l.account_id = d.account_id and l.principal_arn = d.principal_arn
  group by d.account_id, d.principal_arn
)
select
  j.account_id,
  j.region,
  j.arn as resource_arn,
  j.resource_type,
  cast(null as varchar) as related_arn,
  case when c.stores > 0 and j.spared is null then 'fail' else 'pass' end as status,
  j.name || ' can destroy data' || case
    when c.stores = 0 then ', but of no data store all backups'
    else ', and of ' || cast(c.stores as varchar) || ' data stores all backups, such as ' || c.example || coalesce('; ' || j.spared, '')
  end as reason
from judged_principals as j
join counted as c
  on c.account_id = j.account_id and c.principal_arn = j.arn
