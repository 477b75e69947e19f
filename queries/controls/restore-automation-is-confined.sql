-- title: Restore automation cannot destroy
-- family: separation
-- severity: medium
-- requirement: REL09-BP02
-- subject: principals, principal_powers
-- rationale: Automation runs whatever its code says, and its code is changed by more people than may delete data. A role that
--   restores needs to create, not to destroy.
-- remediation: Take the deletion of data stores and of backups from the role; remove test restores by a second role that is
--   confined to resources with their tag.
-- references: https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_backing_up_data_secured_backups_data.html
with powers as (
  select
    account_id,
    principal_arn,
    max(case when power = 'restore' then service end) as restores,
    min(case when power = 'destroy_data' then service end) as data,
    min(case when power = 'destroy_backups' then service end) as backups
  from held_powers
  group by account_id, principal_arn
)
select
  j.account_id,
  j.region,
  j.arn as resource_arn,
  j.resource_type,
  cast(null as varchar) as related_arn,
  case when (p.data is not null or p.backups is not null) and j.spared is null then 'fail' else 'pass' end as status,
  j.name || ' is automation that can restore' || case
    when p.data is null and p.backups is null then ', and cannot destroy data or backups'
    else coalesce(', destroy data (' || p.data || ')', '') || coalesce(', destroy backups (' || p.backups || ')', '')
      || coalesce('; ' || j.spared, '')
  end as reason
from judged_principals as j
join powers as p
  on p.account_id = j.account_id and p.principal_arn = j.arn
where j.automation and p.restores is not null
