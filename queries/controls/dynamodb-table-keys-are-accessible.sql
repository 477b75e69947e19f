-- title: The keys of DynamoDB tables are accessible
-- family: source
-- severity: critical
-- requirement: REL09-BP02
-- subject: dynamodb_tables
-- rationale: Seven days after DynamoDB lost access to a table's key it archives the table; its data and its
--   backups under that key are then out of reach.
-- remediation: Enable the key or cancel its deletion, and let its policy grant DynamoDB the use of it; restore
--   an archived table from the backup that DynamoDB made of it.
-- references: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSEDescription.html
select
  t.account_id,
  t.region,
  t.arn as resource_arn,
  'AwsDynamoDbTable' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when t.inaccessible_since is not null then 'fail'
    when t.status in ('INACCESSIBLE_ENCRYPTION_CREDENTIALS', 'ARCHIVING', 'ARCHIVED') then 'fail'
    when t.status is null then 'unknown'
    else 'pass'
  end as status,
  case
    when t.inaccessible_since is not null
      then 'DynamoDB cannot use the key ' || coalesce(t.kms_key_arn, '?') || '; the table is '
        || coalesce(t.status, 'in a state that AWS did not say')
    when t.status in ('INACCESSIBLE_ENCRYPTION_CREDENTIALS', 'ARCHIVING', 'ARCHIVED')
      then 'the table is ' || t.status || ' for want of the key ' || coalesce(t.kms_key_arn, '?')
    when t.status is null then 'AWS did not say in which state the table is'
    when t.kms_key_arn is null then 'the table is ' || t.status || ', under a key that AWS owns'
    else 'the table is ' || t.status || ', and DynamoDB can use its key'
  end as reason
from dynamodb_tables as t
where coalesce(t.status, '') not in ('CREATING', 'DELETING')
