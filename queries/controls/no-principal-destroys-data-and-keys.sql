-- title: Nobody can destroy data and the keys of its backups
-- family: separation
-- severity: high
-- requirement: REL09-BP02
-- subject: principals, principal_powers, recovery_points, backup_vaults, backup_plan_rules, backup_plan_copy_actions,
--   ebs_snapshots, rds_snapshots, rds_automated_backups, fsx_backups, redshift_snapshots,
--   redshift_serverless_snapshots, elasticache_snapshots, elasticache_serverless_snapshots,
--   memorydb_snapshots, dynamodb_backups, dynamodb_backup_keys
-- evidence: key_powers
-- rationale: A backup whose key is gone is gone, whatever lock the vault has. Who can schedule the deletion of the key, disable it or
--   rewrite its policy, and delete the data, ends both.
-- remediation: Leave the administration of backup keys to a role that has no power over data, and deny ScheduleKeyDeletion,
--   DisableKey and PutKeyPolicy to all others in the key policy or by a service control policy.
-- references: https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_backing_up_data_secured_backups_data.html,
--   https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
with destroyers as (
  select distinct account_id, principal_arn
  from held_powers
  where power = 'destroy_data'
), used as (
  select distinct key_arn
  from backup_keys
), keys as (
  select k.account_id, k.principal_arn, count(*) as keys, min(k.key_arn) as example
  from key_powers as k
  join used as u on u.key_arn = k.key_arn
  cross join settings as s
  where k.decision = 'allowed' or coalesce(s.conditional_powers, 'allowed') = 'allowed'
  group by k.account_id, k.principal_arn
)
select
  j.account_id,
  j.region,
  j.arn as resource_arn,
  j.resource_type,
  cast(null as varchar) as related_arn,
  case when k.principal_arn is not null and j.spared is null then 'fail' else 'pass' end as status,
  j.name || ' can destroy data' || case
    when k.principal_arn is null then ', and no key that backups hang on'
    else ', and ' || cast(k.keys as varchar) || ' keys that backups hang on, such as ' || k.example || coalesce('; ' || j.spared, '')
  end as reason
from judged_principals as j
join destroyers as d
  on d.account_id = j.account_id and d.principal_arn = j.arn
left join keys as k
  on k.account_id = j.account_id and k.principal_arn = j.arn
