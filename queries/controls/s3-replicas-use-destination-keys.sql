-- title: S3 replicas use a key of the destination's Region
-- family: source
-- severity: high
-- requirement: REL09-BP02
-- subject: s3_replication_rules, s3_buckets
-- rationale: Objects under KMS keys are only replicated with a key of the destination's Region; with any other
--   the replication fails object by object, and the copy that a restore counts on is not there.
-- remediation: Name a KMS key of the destination bucket's Region as the replica key of the rule.
-- references: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
-- spans: accounts
with rules as (
  select
    r.account_id,
    r.region,
    r.bucket_arn,
    case
      when r.uses_source_multi_region_key then 'pass'
      when r.replica_kms_key is null then 'fail'
      when d.arn is null or coalesce(split_part(r.replica_kms_key, ':', 4), '') = '' then 'unknown'
      when coalesce(split_part(r.replica_kms_key, ':', 4), '') = d.region then 'pass'
      else 'fail'
    end as status,
    'rule ' || coalesce(r.rule_id, '(without an id)') || case
      when r.uses_source_multi_region_key then ' uses the multi-Region key of the source'
      when r.replica_kms_key is null then ' names no replica key'
      when d.arn is null then ': the Region of ' || coalesce(r.destination_bucket_arn, 'its destination')
        || ', a bucket that was not read, is not known'
      else ' puts replicas in ' || d.region || ' under ' || r.replica_kms_key
    end as reason
  from s3_replication_rules as r
  left join s3_buckets as d on d.arn = r.destination_bucket_arn
  where r.enabled and r.replicates_kms_objects
)
select
  account_id,
  region,
  bucket_arn as resource_arn,
  'AwsS3Bucket' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when count(case when status = 'fail' then 1 end) > 0 then 'fail'
    when count(case when status = 'unknown' then 1 end) > 0 then 'unknown'
    else 'pass'
  end as status,
  coalesce(
    min(case when status = 'fail' then reason end),
    min(case when status = 'unknown' then reason end),
    min(reason)
  ) as reason
from rules
group by account_id, region, bucket_arn
