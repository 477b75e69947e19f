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
-- references: Config:BACKUP_RECOVERY_POINT_ENCRYPTED,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
-- granularity: source
-- spans: accounts
with judged_keys as (
  select
    b.account_id,
    b.region,
    b.arn as resource_arn,
    b.effective_key_arn as key_arn,
    b.encryption_key_type as key_type,
    coalesce(b.vault_type, '') = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' and coalesce(s.air_gapped_owned_key_ok, false) as owned_ok,
    coalesce(s.required_key_manager, 'customer') as required,
    k.key_manager,
    a.account_id as key_account_id,
    k.arn as found_arn
  from judged_points as b
  cross join settings as s
  left join kms_keys as k on k.arn = b.effective_key_arn
  left join accounts as a on a.account_id = split_part(b.effective_key_arn, ':', 5)
  where b.encrypted
)
select
  account_id,
  region,
  resource_arn,
  'AwsBackupRecoveryPoint' as resource_type,
  key_arn as related_arn,
  case
    when key_arn is null and key_type = 'AWS_OWNED_KMS_KEY' and (owned_ok or required = 'any') then 'pass'
    when key_arn is null and key_type = 'AWS_OWNED_KMS_KEY' then 'fail'
    when key_arn is null then 'unknown'
    when key_account_id is null or found_arn is null then 'fail'
    when key_manager = 'CUSTOMER' then 'pass'
    when key_manager = 'AWS' and required = 'customer' then 'fail'
    when key_manager = 'AWS' then 'pass'
    else 'unknown'
  end as status,
  case
    when key_arn is null and key_type = 'AWS_OWNED_KMS_KEY' then 'encrypted with a key that AWS owns; required: ' || required
    when key_arn is null then 'AWS names no key'
    when key_account_id is null then 'encrypted with a foreign key, of account ' || split_part(key_arn, ':', 5)
    when found_arn is null then 'encrypted with a key that no longer exists: ' || key_arn
    when key_manager = 'CUSTOMER' then 'encrypted with a customer managed key; required: ' || required
    when key_manager = 'AWS' then 'encrypted with an AWS managed key; required: ' || required
    else 'AWS does not say who manages ' || key_arn
  end as reason
from judged_keys
