-- title: MemoryDB snapshots use approved keys
-- family: encryption
-- severity: medium
-- requirement: REL09-BP02
-- subject: memorydb_snapshots
-- evidence: kms_keys@related_arn
-- rationale: MemoryDB encrypts every snapshot, by default with a key of its own that nobody can restrict
--   or withdraw; a customer managed key is what lets its owner say who may decrypt.
-- remediation: Copy the snapshot with a customer managed key of the organization, and create clusters
--   with one.
-- references: https://docs.aws.amazon.com/memorydb/latest/devguide/at-rest-encryption.html
-- verdict: approved-keys
-- spans: accounts
select
  account_id,
  region,
  arn as resource_arn,
  'AwsMemoryDbSnapshot' as resource_type,
  kms_key_arn as key_arn,
  -- Where it names no key, the key is the service's own, which is in no account's KMS.
  case when kms_key_arn is null then 'AWS_OWNED' end as key_class
from memorydb_snapshots
where coalesce(status, '') <> 'deleting'
