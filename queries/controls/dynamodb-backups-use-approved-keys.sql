-- title: DynamoDB backups use approved keys
-- family: encryption
-- severity: low
-- requirement: REL09-BP02
-- subject: dynamodb_backups, dynamodb_backup_keys
-- evidence: kms_keys@related_arn
-- rationale: DynamoDB encrypts every backup with the key that the table had; only the policy of a customer
--   managed key says who may decrypt it, and can withdraw it.
-- remediation: Change the table's encryption to a customer managed key of the organization, back it up again
--   and delete the old backup.
-- references: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
-- granularity: source
-- verdict: approved-keys
-- spans: accounts
select
  b.account_id,
  b.region,
  b.arn as resource_arn,
  'AwsDynamoDbBackup' as resource_type,
  k.kms_key_arn as key_arn,
  case
    when coalesce(k.sse_type, 'AES256') <> 'KMS' and coalesce(k.sse_status, 'DISABLED') = 'DISABLED' then 'AWS_OWNED'
  end as key_class
from dynamodb_backups as b
join dynamodb_backup_keys as k
  on k.account_id = b.account_id and k.region = b.region and k.backup_arn = b.arn
where not coalesce(b.made_by_aws_backup, false)
  and coalesce(b.status, '') not in ('CREATING', 'DELETED')
