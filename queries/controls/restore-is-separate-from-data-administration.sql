-- title: Who restores does not administer the data
-- family: separation
-- severity: medium
-- requirement: REL09-BP02
-- subject: principals, principal_powers
-- rationale: Who can restore old data and write or destroy the live one can put a past state in the place of the present, and leave
--   no second pair of hands to notice.
-- remediation: Give restores to a role of their own that cannot write or delete data stores, and pass the restore role to AWS
--   Backup by it alone.
-- references: https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_backing_up_data_secured_backups_data.html,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html
with passing as (
  -- AWS Backup restores with a role that the caller must be able to pass.
  select distinct account_id, principal_arn
  from held_powers
  where power = 'escalate' and kind_of_thing = 'role' and actions like '%"iam:PassRole"%'
), restoring as (
  select h.account_id, h.principal_arn, min(h.service) as service
  from held_powers as h
  left join passing as p
    on p.account_id = h.account_id and p.principal_arn = h.principal_arn
  where h.power = 'restore' and (h.service <> 'backup' or p.principal_arn is not null)
  group by h.account_id, h.principal_arn
), administering as (
  select account_id, principal_arn, min(service) as service
  from held_powers
  where power in ('destroy_data', 'write_data')
  group by account_id, principal_arn
)
select
  j.account_id,
  j.region,
  j.arn as resource_arn,
  j.resource_type,
  cast(null as varchar) as related_arn,
  case when a.principal_arn is not null and j.spared is null then 'fail' else 'pass' end as status,
  j.name || ' can restore (' || r.service || case
    when a.principal_arn is null then ') and cannot write or destroy data'
    else ') and write or destroy data (' || a.service || ')' || coalesce('; ' || j.spared, '')
  end as reason
from judged_principals as j
join restoring as r
  on r.account_id = j.account_id and r.principal_arn = j.arn
left join administering as a
  on a.account_id = j.account_id and a.principal_arn = j.arn
