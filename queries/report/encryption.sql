-- Backups by what they are and by whose key encrypts them. `owned`: what AWS encrypts by itself where it names no key.
with backups as (
  select
    account_id,
    coalesce(source_type, 'Other') || ' recovery points' as service,
    encrypted,
    effective_key_arn as key_arn,
    coalesce(encryption_key_type, '') = 'AWS_OWNED_KMS_KEY' as owned
  from judged_points
  union all
  select account_id, 'EBS snapshots', encrypted, kms_key_arn, false
  from ebs_snapshots
  where not coalesce(made_by_aws_backup, false)
  union all
  select account_id, 'RDS snapshots', encrypted, kms_key_arn, false
  from rds_snapshots
  where not coalesce(made_by_aws_backup, false)
  union all
  select account_id, 'RDS automated backups', encrypted, kms_key_arn, false
  from rds_automated_backups
  where aws_backup_recovery_point_arn is null
  union all
  select b.account_id, 'DynamoDB backups', true, k.kms_key_arn, coalesce(k.sse_type, 'AES256') <> 'KMS' and k.backup_arn is not null
  from dynamodb_backups as b
  left join dynamodb_backup_keys as k
    on k.account_id = b.account_id and k.region = b.region and k.backup_arn = b.arn
  where not coalesce(b.made_by_aws_backup, false) and coalesce(b.status, '') not in ('CREATING', 'DELETED')
  union all
  select account_id, 'FSx backups', true, kms_key_arn, false
  from own_fsx_backups
  union all
  select account_id, 'Redshift snapshots', encrypted, kms_key_arn, false
  from own_redshift_snapshots
  union all
  select account_id, 'Redshift Serverless snapshots', true, kms_key_arn, false
  from own_redshift_serverless_snapshots
  union all
  select account_id, 'ElastiCache snapshots', null, kms_key_arn, false
  from elasticache_snapshots
  where coalesce(status, '') <> 'deleting'
  union all
  select account_id, 'ElastiCache Serverless snapshots', true, kms_key_arn, true
  from elasticache_serverless_snapshots
  where lower(coalesce(status, '')) <> 'deleting'
  union all
  select account_id, 'MemoryDB snapshots', true, kms_key_arn, true
  from memorydb_snapshots
  where coalesce(status, '') <> 'deleting'
), classed as (
  select
    b.account_id,
    b.service,
    case
      when not b.encrypted then 'none'
      when b.key_arn is null and b.owned then 'aws_owned'
      when b.key_arn is null then 'unnamed'
      when coalesce(split_part(b.key_arn, ':', 5), '') <> b.account_id then 'other_account'
      when k.key_manager = 'CUSTOMER' then 'customer'
      when k.key_manager = 'AWS' then 'aws_managed'
      else 'unresolved'
    end as key_class
  from backups as b
  left join kms_keys as k on k.arn = b.key_arn
)
select
  account_id,
  service,
  key_class,
  count(*) as n
from classed
group by account_id, service, key_class
