-- title: ElastiCache snapshots are encrypted
-- family: encryption
-- severity: high
-- requirement: REL09-BP02
-- subject: elasticache_snapshots, elasticache_serverless_snapshots
-- evidence: elasticache_replication_groups@related_arn, elasticache_clusters@related_arn
-- rationale: A snapshot holds the whole cache. It is encrypted by a key of its own or because its source
--   is encrypted at rest, which ElastiCache does not say of the snapshot.
-- remediation: Copy the snapshot with a customer managed KMS key and delete the original; restore it into
--   a replication group that is encrypted at rest, as no existing one can be made so.
-- references: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html
with sources as (
  select account_id, region, arn, at_rest_encryption, created_at
  from elasticache_replication_groups
  union all
  select
    c.account_id,
    c.region,
    c.arn,
    case when c.replication_group_id is null then c.at_rest_encryption else g.at_rest_encryption end,
    case when c.replication_group_id is null then c.created_at else g.created_at end
  from elasticache_clusters as c
  left join elasticache_replication_groups as g
    on g.account_id = c.account_id and g.region = c.region and g.identifier = c.replication_group_id
), with_sources as (
  select
    s.account_id, s.region, s.arn, s.kms_key_arn, s.source_arn,
    -- What is younger than the snapshot has only the name of its source.
    o.arn is null or coalesce(o.created_at > s.created_at, false) as source_gone,
    o.at_rest_encryption
  from elasticache_snapshots as s
  left join sources as o
    on o.account_id = s.account_id and o.region = s.region and o.arn = s.source_arn
  where coalesce(s.status, '') <> 'deleting'
), snapshots as (
  select
    account_id,
    region,
    arn,
    'AwsElastiCacheSnapshot' as resource_type,
    kms_key_arn,
    case when kms_key_arn is null then source_arn end as source_arn,
    kms_key_arn is not null or case when not source_gone then at_rest_encryption end as encrypted,
    source_gone
  from with_sources
  union all
  select account_id, region, arn, 'AwsElastiCacheServerlessCacheSnapshot', kms_key_arn, cast(null as varchar), true, false
  from elasticache_serverless_snapshots
  where lower(coalesce(status, '')) <> 'deleting'
)
select
  account_id,
  region,
  arn as resource_arn,
  resource_type,
  source_arn as related_arn,
  case
    when encrypted then 'pass'
    when not encrypted then 'fail'
    else 'unknown'
  end as status,
  case
    when kms_key_arn is not null then 'the snapshot is encrypted with ' || kms_key_arn
    when encrypted and source_arn is null then 'snapshots of serverless caches are always encrypted'
    when encrypted then 'the snapshot has no key, but its source is encrypted at rest'
    when not encrypted then 'the snapshot has no key, and its source is not encrypted at rest'
    when source_gone then 'the snapshot has no key, and its source is gone'
    else 'the snapshot has no key, and AWS did not say whether its source is encrypted at rest'
  end as reason
from snapshots
