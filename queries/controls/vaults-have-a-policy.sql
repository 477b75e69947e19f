-- title: Backup vaults have an access policy
-- family: access
-- severity: medium
-- requirement: REL09-BP02
-- subject: backup_vaults, backup_plan_rules, backup_plan_copy_actions
-- evidence: backup_vault_policies@related_arn
-- rationale: Without an access policy only identity policies decide who may delete recovery points or copy
--   into the vault.
-- remediation: Give the vault an access policy that denies deletion and tampering to all but named
--   principals.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
select
  v.account_id,
  v.region,
  v.arn as resource_arn,
  'AwsBackupBackupVault' as resource_type,
  v.arn as related_arn,
  case
    when p.vault_arn is null then 'fail'
    when coalesce(p.malformed, false) then 'unknown'
    else 'pass'
  end as status,
  'vault ' || v.name || case
    when p.vault_arn is null then ' has no access policy'
    when coalesce(p.malformed, false) then ' has an access policy that is not valid JSON'
    else ' has an access policy'
  end as reason
from judged_vaults as v
left join backup_vault_policies as p
  on p.account_id = v.account_id and p.region = v.region and p.vault_arn = v.arn
where v.vault_type = 'BACKUP_VAULT'
