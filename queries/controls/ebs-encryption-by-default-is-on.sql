-- title: EBS encryption by default is on
-- family: source
-- severity: high
-- requirement: REL09-BP02
-- subject: ebs_settings
-- rationale: With encryption by default no new volume and no copied snapshot can be unencrypted, whoever
--   makes it.
-- remediation: Turn on EBS encryption by default in the Region (EnableEbsEncryptionByDefault).
-- references: SecurityHub:EC2.7, Config:EC2_EBS_ENCRYPTION_BY_DEFAULT, Prowler:ec2_ebs_default_encryption,
--   https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html
select
  account_id,
  region,
  'AWS::::Account:' || account_id as resource_arn,
  'AwsAccount' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when encryption_by_default then 'pass'
    when not encryption_by_default then 'fail'
    else 'unknown'
  end as status,
  case
    when encryption_by_default then 'EBS encryption by default is on in ' || region
    when not encryption_by_default then 'EBS encryption by default is off in ' || region
    else 'AWS did not say whether EBS encryption by default is on in ' || region
  end as reason
from ebs_settings
