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
-- verdict: refused-grants
with grants as (
  select
    account_id,
    region,
    resource_arn,
    problem,
    leaves_account = 'yes' as certain,
    case
      when leaves_account = 'yes'
        then 'statement ' || statement || ' grants ' || principal || ' what AWS Backup refuses to other accounts'
      else 'whether statement ' || statement || ' is for another account cannot be told'
    end as said
  from vault_policy_grants
  where coalesce(effect, 'Allow') = 'Allow'
    and other_actions = 'yes'
    and leaves_account <> 'no'
)
select
  v.account_id,
  v.region,
  v.arn as resource_arn,
  v.name,
  g.certain,
  g.said,
  g.problem,
  'grants other accounts nothing that they could not use' as otherwise
from guarded_vaults as v
left join grants as g
  on g.account_id = v.account_id and g.region = v.region and g.resource_arn = v.arn
