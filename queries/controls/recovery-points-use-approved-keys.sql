-- title: Recovery points use approved keys
-- family: encryption
-- severity: medium
-- requirement: REL09-BP02
-- subject: recovery_points
-- evidence: kms_keys@related_arn
-- rationale: A customer managed key is what lets its owner say who may decrypt, and withdraw it; an AWS
--   managed key cannot be shared, restricted or used for a copy to another account.
-- remediation: Encrypt the vault, or for types that inherit their encryption the source, with a customer
--   managed key of the organization, and back up again.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
-- granularity: source
-- verdict: approved-keys
-- spans: accounts
select
  account_id,
  region,
  arn as resource_arn,
  'AwsBackupRecoveryPoint' as resource_type,
  effective_key_arn as key_arn,
  case
    when coalesce(encryption_key_type, '') <> 'AWS_OWNED_KMS_KEY' then null
    when vault_type = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' then 'AIR_GAPPED_OWNED'
    else 'AWS_OWNED'
  end as key_class
from judged_points
where coalesce(encrypted, true)
