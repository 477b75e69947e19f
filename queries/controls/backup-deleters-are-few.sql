-- title: Few can delete backups
-- family: separation
-- severity: medium
-- requirement: REL09-BP02
-- subject: principals, principal_powers
-- rationale: Each user and role that can delete backups is one more whose credentials, once stolen, are enough.
-- remediation: Take the powers from those who do not need them, or deny them by a service control policy that spares one role.
--   `strongroom query who-can-delete-backups` lists who they are, and by which statements.
-- references: https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_backing_up_data_secured_backups_data.html
with deleters as (
  select distinct account_id, principal_arn
  from held_powers
  where power = 'destroy_backups'
), unread as (
  -- Whose powers are not known may be one more: too many are too many without them, few are not known to be few.
  select account_id, min(coalesce(cause, 'error')) as cause
  from gaps
  where table_name in ('principals', 'principal_powers')
    and coalesce(cause, 'error') not in ('service_absent', 'region_disabled', 'not_enrolled')
  group by account_id
), counted as (
  select
    j.account_id,
    j.region,
    count(case when d.principal_arn is not null and j.spared is null then 1 end) as deleters,
    count(case when d.principal_arn is not null and j.spared is not null then 1 end) as spared,
    min(case when d.principal_arn is not null and j.spared is null then j.name end) as example
  from judged_principals as j
  left join deleters as d
    on d.account_id = j.account_id and d.principal_arn = j.arn
  group by j.account_id, j.region
)
select
  c.account_id,
  c.region,
  'AWS::::Account:' || c.account_id as resource_arn,
  'AwsAccount' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when s.max_backup_deleters is null then 'unknown'
    when c.deleters > s.max_backup_deleters then 'fail'
    when u.account_id is not null then 'unknown'
    else 'pass'
  end as status,
  case when u.account_id is not null and c.deleters <= s.max_backup_deleters
    then 'could not be read: principal_powers (' || u.cause || '), of the others ' else '' end
    || cast(c.deleters as varchar) || ' users and roles can delete backups'
    || coalesce(', such as ' || c.example, '')
    || '; besides, ' || cast(c.spared as varchar) || ' that the settings spare. At most '
    || coalesce(cast(s.max_backup_deleters as varchar), '?') || ' are asked for. Root is not counted: what it may do cannot be read,'
    || ' guard it by a service control policy' as reason
from counted as c
cross join settings as s
left join unread as u on u.account_id = c.account_id
