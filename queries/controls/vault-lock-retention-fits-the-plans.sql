-- title: The retention of vault locks fits the plans
-- family: immutability
-- severity: medium
-- requirement: REL09-BP02
-- subject: backup_vaults, backup_plan_rules, backup_plan_copy_actions
-- rationale: A locked vault fails every backup and copy job whose retention lies outside its bounds: nothing is backed up, and
--   in compliance mode the bounds can no longer be changed.
-- remediation: Bring the retention of the plan's rule or copy action within the vault's bounds, or target another vault.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
-- spans: accounts
with jobs as (
  select v.arn as vault_arn, r.rule_name, r.delete_after_days
  from backup_vaults as v
  join backup_plan_rules as r
    on r.account_id = v.account_id
    and r.region = v.region
    and (r.target_vault_name = v.name or r.target_air_gapped_vault_arn = v.arn)
  union all
  -- A copy that is to be kept for ever keeps the retention of what it was copied from.
  select c.destination_vault_arn, r.rule_name,
    case when coalesce(c.delete_after_days, -1) < 0 then r.delete_after_days else c.delete_after_days end
  from backup_plan_copy_actions as c
  join backup_plan_rules as r
    on r.account_id = c.account_id and r.region = c.region and r.plan_arn = c.plan_arn and r.rule_id = c.rule_id
), bound as (
  select
    v.account_id,
    v.region,
    v.arn,
    v.name,
    v.min_retention_days,
    v.max_retention_days,
    j.rule_name,
    case
      when coalesce(j.delete_after_days, -1) < 0 then v.max_retention_days is not null
      else j.delete_after_days < coalesce(v.min_retention_days, 0)
        or j.delete_after_days > coalesce(v.max_retention_days, j.delete_after_days)
    end as refused
  from backup_vaults as v
  join jobs as j on j.vault_arn = v.arn
  where coalesce(v.locked, true)
    and coalesce(v.vault_state, 'AVAILABLE') = 'AVAILABLE'
    and (v.min_retention_days is not null or v.max_retention_days is not null)
)
select
  account_id,
  region,
  arn as resource_arn,
  'AwsBackupBackupVault' as resource_type,
  cast(null as varchar) as related_arn,
  case when count(case when refused then 1 end) > 0 then 'fail' else 'pass' end as status,
  'vault ' || name || ' admits ' || coalesce(cast(min_retention_days as varchar), '1') || ' to '
    || coalesce(cast(max_retention_days as varchar), 'any number of') || ' days; it refuses '
    || cast(count(case when refused then 1 end) as varchar) || ' of ' || cast(count(*) as varchar)
    || ' rules and copy actions' || coalesce(', such as ' || min(case when refused then rule_name end), '') as reason
from bound
group by account_id, region, arn, name, min_retention_days, max_retention_days
