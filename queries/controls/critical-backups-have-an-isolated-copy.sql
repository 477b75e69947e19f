-- title: Critical backups have an isolated copy
-- family: immutability
-- severity: high
-- requirement: REL09-BP02
-- subject: data_stores
-- evidence: recovery_points, backup_plan_copy_actions
-- rationale: A backup in the account of its data falls with that account; a copy in another account, or in a logically
--   air-gapped vault, does not.
-- remediation: Add a copy action to another account's vault, or a logically air-gapped vault, to the plan that
--   protects the resource.
-- references: Config:EBS_RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT,
--   Config:AURORA_RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT, Config:EFS_RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT,
--   Config:S3_RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT, BackupAuditManager:BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT,
--   BackupAuditManager:RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html
-- setting: critical_tag
-- spans: accounts
with copies as (
  select s.arn, count(*) as copies
  from data_stores as s
  join recovery_points as p on p.source_arn = s.arn
  where coalesce(p.status, '') in ('COMPLETED', 'AVAILABLE')
    and (p.account_id <> s.account_id or p.vault_type = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT')
  group by s.arn
), unread as (
  select c.account_id, min(c.destination_vault_arn) as vault_arn
  from backup_plan_copy_actions as c
  left join table_coverage as t
    on t.account_id = c.destination_account_id and t.region = c.destination_region and t.table_name = 'recovery_points'
  where coalesce(t.status, 'unread') = 'unread' and c.destination_account_id <> c.account_id
  group by c.account_id
)
select
  s.account_id,
  s.region,
  s.arn as resource_arn,
  s.finding_type as resource_type,
  cast(null as varchar) as related_arn,
  case
    when c.arn is not null then 'pass'
    when u.vault_arn is not null then 'unknown'
    else 'fail'
  end as status,
  case
    when c.arn is not null then 'has ' || cast(c.copies as varchar) || ' copies in another account or in an air-gapped vault'
    when u.vault_arn is not null then 'no isolated copy was found, but ' || u.vault_arn || ', to which the account copies, could not be read'
    else 'has no copy in another account and none in an air-gapped vault'
  end as reason
from data_stores as s
left join copies as c on c.arn = s.arn
left join unread as u on u.account_id = s.account_id
where s.critical
