-- Buckets that backups are put into: destinations of replication and of exports, of any account, wherever they are. A destination
-- that is not among the buckets that were read is not in it.
with deliveries as (
  select coalesce(split_part(destination_bucket_arn, ':', 6), '') as bucket_name, 'replica' as kind
  from s3_replication_rules
  where enabled
  union all
  select s3_bucket, 'RDS export'
  from rds_export_tasks
  where coalesce(status, '') not in ('FAILED', 'CANCELED', 'CANCELING')
  union all
  select s3_bucket, 'DynamoDB export'
  from dynamodb_exports
  where coalesce(status, '') <> 'FAILED'
)
select
  b.account_id,
  b.region,
  b.arn,
  b.name,
  count(case when d.kind = 'replica' then 1 end) as replication_rules,
  count(case when d.kind = 'RDS export' then 1 end) as rds_exports,
  count(case when d.kind = 'DynamoDB export' then 1 end) as dynamodb_exports
from deliveries as d
join s3_buckets as b on b.name = d.bucket_name
group by b.account_id, b.region, b.arn, b.name
