-- title: Buckets that receive backups are versioned and locked
-- family: immutability
-- severity: medium
-- requirement: REL09-BP02
-- subject: s3_buckets, s3_replication_rules, rds_export_tasks, dynamodb_exports
-- evidence: s3_bucket_versioning@related_arn, s3_bucket_object_lock@related_arn
-- rationale: Replicas and exports are backups: without versions they can be overwritten, and without Object
--   Lock every version can be deleted by who may delete objects.
-- remediation: Switch on versioning and Object Lock of the destination bucket, with a default retention.
-- references: SecurityHub:S3.14, SecurityHub:S3.15, Config:S3_BUCKET_VERSIONING_ENABLED,
--   Config:S3_BUCKET_DEFAULT_LOCK_ENABLED, Prowler:s3_bucket_object_versioning, Prowler:s3_bucket_object_lock,
--   https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
-- spans: accounts
select
  b.account_id,
  b.region,
  b.arn as resource_arn,
  'AwsS3Bucket' as resource_type,
  b.arn as related_arn,
  case
    when v.bucket_arn is null or l.bucket_arn is null then 'unknown'
    when v.status = 'Enabled' and l.enabled then 'pass'
    else 'fail'
  end as status,
  'filled by replication rules: ' || cast(b.replication_rules as varchar)
    || ', RDS exports: ' || cast(b.rds_exports as varchar)
    || ', DynamoDB exports: ' || cast(b.dynamodb_exports as varchar) || case
    when v.bucket_arn is null or l.bucket_arn is null then '; AWS does not tell of its versioning or Object Lock'
    when coalesce(v.status, '') <> 'Enabled' then '; versioning is ' || coalesce(lower(v.status), 'off')
    when not l.enabled then '; versioned; Object Lock is off'
    when l.mode is null
      then '; versioned; Object Lock is on, without a default retention: only what is put with one is kept'
    else '; versioned; Object Lock is on, in ' || lower(l.mode) || ' mode for '
      || coalesce(cast(l.days as varchar) || ' days', cast(l.years as varchar) || ' years', 'an unknown time')
  end as reason
from backup_buckets as b
left join s3_bucket_versioning as v
  on v.account_id = b.account_id and v.region = b.region and v.bucket_arn = b.arn
left join s3_bucket_object_lock as l
  on l.account_id = b.account_id and l.region = b.region and l.bucket_arn = b.arn
