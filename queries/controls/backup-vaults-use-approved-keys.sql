-- title: Backup vaults use approved keys
-- family: encryption
-- severity: high
-- requirement: REL09-BP02
-- subject: backup_vaults, backup_plan_rules, backup_plan_copy_actions
-- evidence: kms_keys@related_arn
-- rationale: A customer managed key is what lets its owner say who may decrypt, and withdraw it; an AWS
--   managed key cannot be shared, restricted or used for a copy to another account.
-- remediation: A vault keeps its key for life: make a vault with a customer managed key, point the plans at
--   it, and copy what must be kept.
-- references: Prowler:backup_vaults_encrypted,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
-- verdict: approved-keys
-- spans: accounts
select
  account_id,
  region,
  arn as resource_arn,
  'AwsBackupBackupVault' as resource_type,
  encryption_key_arn as key_arn,
  case
    when coalesce(encryption_key_type, '') <> 'AWS_OWNED_KMS_KEY' then null
    when vault_type = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' then 'AIR_GAPPED_OWNED'
    else 'AWS_OWNED'
  end as key_class
from judged_vaults
