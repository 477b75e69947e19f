-- Keys that backups hang on, by the cell that holds the backups. What AWS Backup made counts once, as a recovery point.
with uses as (
  select account_id, region, effective_key_arn as key_arn, 'recovery point' as kind
  from judged_points
  union all
  select account_id, region, encryption_key_arn, 'vault'
  from judged_vaults
  union all
  select account_id, region, kms_key_arn, 'EBS snapshot'
  from ebs_snapshots
  where encrypted and not coalesce(made_by_aws_backup, false)
  union all
  select account_id, region, kms_key_arn, 'RDS snapshot'
  from rds_snapshots
  where coalesce(encrypted, true) and not coalesce(made_by_aws_backup, false)
  union all
  select account_id, region, kms_key_arn, 'RDS automated backup'
  from rds_automated_backups
  where coalesce(encrypted, true) and aws_backup_recovery_point_arn is null
  union all
  select account_id, region, kms_key_arn, 'FSx backup'
  from own_fsx_backups
  union all
  select account_id, region, kms_key_arn, 'Redshift snapshot'
  from own_redshift_snapshots
  where coalesce(encrypted, true)
  union all
  select account_id, region, kms_key_arn, 'Redshift Serverless snapshot'
  from own_redshift_serverless_snapshots
  union all
  select account_id, region, kms_key_arn, 'ElastiCache snapshot'
  from elasticache_snapshots
  where coalesce(status, '') <> 'deleting'
  union all
  select account_id, region, kms_key_arn, 'ElastiCache serverless snapshot'
  from elasticache_serverless_snapshots
  where lower(coalesce(status, '')) <> 'deleting'
  union all
  select account_id, region, kms_key_arn, 'MemoryDB snapshot'
  from memorydb_snapshots
  where coalesce(status, '') <> 'deleting'
  union all
  select b.account_id, b.region, k.kms_key_arn, 'DynamoDB backup'
  from dynamodb_backups as b
  join dynamodb_backup_keys as k
    on k.account_id = b.account_id and k.region = b.region and k.backup_arn = b.arn
  where not coalesce(b.made_by_aws_backup, false) and coalesce(b.status, '') not in ('CREATING', 'DELETED')
)
select
  account_id,
  region,
  key_arn,
  count(case when kind = 'recovery point' then 1 end) as recovery_points,
  count(case when kind = 'vault' then 1 end) as vaults,
  count(case when kind = 'EBS snapshot' then 1 end) as ebs_snapshots,
  count(case when kind in ('RDS snapshot', 'RDS automated backup') then 1 end) as rds_backups,
  count(case when kind not in ('recovery point', 'vault', 'EBS snapshot', 'RDS snapshot', 'RDS automated backup') then 1 end)
    as other_backups
from uses
where key_arn is not null
group by account_id, region, key_arn
