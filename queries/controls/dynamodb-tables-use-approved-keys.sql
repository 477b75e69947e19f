-- title: DynamoDB tables use approved keys
-- family: source
-- severity: low
-- requirement: REL09-BP02
-- subject: dynamodb_tables
-- evidence: kms_keys@related_arn
-- rationale: DynamoDB encrypts every table, and its own backups keep the table's key; only the policy of a
--   customer managed key says who may decrypt them, and can withdraw it.
-- remediation: Change the table's encryption to a customer managed key of the organization (UpdateTable with
--   SSESpecification); of a global table, in each Region.
-- references: Config:DYNAMODB_TABLE_ENCRYPTED_KMS, Prowler:dynamodb_tables_kms_cmk_encryption_enabled,
--   https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
-- verdict: approved-keys
-- spans: accounts
select
  account_id,
  region,
  arn as resource_arn,
  'AwsDynamoDbTable' as resource_type,
  kms_key_arn as key_arn,
  case
    when coalesce(sse_type, 'AES256') <> 'KMS' and coalesce(sse_status, 'DISABLED') = 'DISABLED' then 'AWS_OWNED'
  end as key_class
from dynamodb_tables
where coalesce(status, '') not in ('CREATING', 'DELETING')
