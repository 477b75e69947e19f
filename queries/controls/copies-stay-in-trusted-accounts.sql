-- title: Copies stay in trusted accounts
-- family: sharing
-- severity: high
-- requirement: REL09-BP02
-- subject: backup_plan_copy_actions, backup_copy_jobs, recovery_points
-- rationale: A copy holds the data itself: in an account outside the organization others decide who restores it, and a backup
--   that comes from there may hold what an intruder wants restored.
-- remediation: Take the copy action out of the plan, or name the account among the trusted ones. Copies that were made have to be
--   deleted in the account that holds them.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html
with ways as (
  select account_id, region, plan_arn as arn, 'AwsBackupBackupPlan' as resource_type, destination_vault_arn as other_arn
  from backup_plan_copy_actions
  union all
  select account_id, region, source_vault_arn, 'AwsBackupBackupVault', destination_vault_arn
  from backup_copy_jobs
  union all
  select account_id, region, vault_arn, 'AwsBackupBackupVault', source_vault_arn
  from recovery_points
  where source_vault_arn is not null and coalesce(status, '') not in ('DELETING', 'CREATING')
), abroad as (
  select
    w.account_id,
    w.region,
    coalesce(w.arn, 'AWS::::Account:' || w.account_id) as arn,
    w.resource_type,
    case when w.other_arn is null then 'unnamed' when t.trusted_account_id is null then 'strange' else 'trusted' end as kind,
    coalesce(split_part(w.other_arn, ':', 5), '') as other_account_id
  from ways as w
  left join trusted_accounts as t on t.trusted_account_id = coalesce(split_part(w.other_arn, ':', 5), '')
  where w.other_arn is null or coalesce(split_part(w.other_arn, ':', 5), '') <> w.account_id
)
select
  account_id,
  region,
  arn as resource_arn,
  resource_type,
  cast(null as varchar) as related_arn,
  case
    when count(case when kind = 'strange' then 1 end) > 0 then 'fail'
    when count(case when kind = 'unnamed' then 1 end) > 0 then 'unknown'
    else 'pass'
  end as status,
  cast(count(case when kind = 'strange' then 1 end) as varchar) || ' of ' || cast(count(*) as varchar)
    || ' copies to and from other accounts name an account that is not trusted'
    || coalesce(', such as ' || min(case when kind = 'strange' then other_account_id end), '')
    || case when count(case when kind = 'unnamed' then 1 end) > 0 then '; some name no vault' else '' end as reason
from abroad
group by account_id, region, arn, resource_type
