-- title: S3 replication includes objects under KMS keys
-- family: source
-- severity: high
-- requirement: REL09-BP02
-- subject: s3_replication_rules
-- evidence: s3_bucket_encryption@related_arn
-- rationale: A rule that does not select objects under KMS keys leaves them out without a word: in a bucket
--   whose default is KMS that is every object, and the copy is empty.
-- remediation: Select SSE-KMS encrypted objects in the rule (SseKmsEncryptedObjects) and name a replica key.
-- references: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
with sources as (
  select
    account_id,
    region,
    bucket_arn,
    count(*) as rules,
    min(case when not replicates_kms_objects then coalesce(rule_id, '(without an id)') end) as leaves_out
  from s3_replication_rules
  where enabled
  group by account_id, region, bucket_arn
)
select
  r.account_id,
  r.region,
  r.bucket_arn as resource_arn,
  'AwsS3Bucket' as resource_type,
  r.bucket_arn as related_arn,
  case
    when e.algorithm is null then 'unknown'
    when r.leaves_out is null then 'pass'
    else 'fail'
  end as status,
  case
    when e.algorithm is null then 'AWS does not say how the bucket encrypts'
    when r.leaves_out is null then 'encrypted by ' || e.algorithm || '; included by all of its rules: '
      || cast(r.rules as varchar)
    else 'encrypted by ' || e.algorithm || '; left out by the rule ' || r.leaves_out
  end as reason
from sources as r
left join s3_bucket_encryption as e
  on e.account_id = r.account_id and e.region = r.region and e.bucket_arn = r.bucket_arn
where e.algorithm is null or e.algorithm in ('aws:kms', 'aws:kms:dsse')
