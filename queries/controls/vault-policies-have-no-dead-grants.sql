-- title: Vault policies grant nothing that has no effect
-- family: access
-- severity: low
-- requirement: REL09-BP02
-- subject: backup_vaults, backup_plan_rules, backup_plan_copy_actions
-- evidence: vault_policy_grants@related_arn
-- rationale: AWS Backup refuses every call from another account but CopyIntoBackupVault, whatever the policy says. Who wrote the
--   statement counts on a restore, or on a delegation, that will not work on the day it is needed.
-- remediation: Take the actions out of the statement. To restore in another account, copy the backup there, or share an
--   air-gapped vault.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
with grants as (
  select account_id, region, resource_arn, leaves_account, statement, principal, problem
  from vault_policy_grants
  where coalesce(effect, 'Allow') = 'Allow'
    and other_actions = 'yes'
    and leaves_account <> 'no'
)
select
  v.account_id,
  v.region,
  v.arn as resource_arn,
  'AwsBackupBackupVault' as resource_type,
  v.arn as related_arn,
  case
    when count(case when g.leaves_account = 'yes' then 1 end) > 0 then 'fail'
    when count(g.resource_arn) > 0 then 'unknown'
    else 'pass'
  end as status,
  'vault ' || v.name || case
    when count(case when g.leaves_account = 'yes' then 1 end) > 0
      then ': statement ' || min(case when g.leaves_account = 'yes' then g.statement end)
        || ' grants ' || min(case when g.leaves_account = 'yes' then g.principal end)
        || ' what AWS Backup refuses to other accounts'
    when count(g.problem) > 0 then ': its policy cannot be understood (' || min(g.problem) || ')'
    when count(g.resource_arn) > 0
      then ': whether statement ' || min(g.statement) || ' is for another account cannot be told'
    else ' grants other accounts nothing that they could not use'
  end as reason
from guarded_vaults as v
left join grants as g
  on g.account_id = v.account_id and g.region = v.region and g.resource_arn = v.arn
group by v.account_id, v.region, v.arn, v.name
