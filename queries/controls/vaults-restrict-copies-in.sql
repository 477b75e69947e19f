-- title: Vaults take copies from trusted accounts only
-- family: access
-- severity: high
-- requirement: REL09-BP02
-- subject: backup_vaults, backup_plan_rules, backup_plan_copy_actions
-- evidence: vault_policy_grants@related_arn
-- rationale: Where anyone may copy into a vault, a stranger's backup waits there for the day on which it is restored in good faith.
-- remediation: Confine the statement that allows CopyIntoBackupVault by a condition on aws:PrincipalOrgID, or name the accounts.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
-- verdict: refused-grants
with grants as (
  select
    account_id,
    region,
    resource_arn,
    problem,
    confined = 'no' and copies_in = 'yes' and relation <> 'unknown' as certain,
    case
      when confined = 'no' and copies_in = 'yes' and relation <> 'unknown'
        then principal || ' may copy into it from outside the trusted accounts'
      else 'whether its policy lets ' || principal || ' copy into it from outside cannot be told'
    end as said
  from vault_policy_grants
  where coalesce(effect, 'Allow') = 'Allow'
    and copies_in <> 'no'
    and relation in ('public', 'outside', 'unknown')
    and confined <> 'yes'
)
select
  v.account_id,
  v.region,
  v.arn as resource_arn,
  v.name,
  g.certain,
  g.said,
  g.problem,
  'takes copies from trusted accounts only' as otherwise
from guarded_vaults as v
left join grants as g
  on g.account_id = v.account_id and g.region = v.region and g.resource_arn = v.arn
