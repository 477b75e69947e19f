-- title: S3 buckets use approved keys
-- family: source
-- severity: low
-- requirement: REL09-BP02
-- subject: s3_bucket_encryption
-- evidence: kms_keys@related_arn, kms_aliases@related_arn
-- rationale: S3 encrypts every object; whose key it is decides who besides S3 has a say in reading it. What a
--   client encrypts before it uploads cannot be seen from outside.
-- remediation: Set the bucket's default encryption to a customer managed key of the organization, with an S3
--   Bucket Key, and copy older objects over themselves.
-- references: SecurityHub:S3.17, Config:S3_DEFAULT_ENCRYPTION_KMS, Prowler:s3_bucket_kms_encryption,
--   https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
-- verdict: approved-keys
-- spans: accounts
select
  e.account_id,
  e.region,
  e.bucket_arn as resource_arn,
  'AwsS3Bucket' as resource_type,
  coalesce(a.key_arn, e.kms_key_arn) as key_arn,
  e.key_class
from s3_bucket_encryption as e
left join kms_aliases as a on a.arn = e.kms_key_arn
