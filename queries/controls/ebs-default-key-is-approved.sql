-- title: The EBS default key is approved
-- family: source
-- severity: low
-- requirement: REL09-BP02
-- subject: ebs_settings
-- evidence: kms_aliases, kms_keys@related_arn
-- rationale: The default key encrypts every volume and snapshot copy whose maker names no other; under the AWS managed key such a
--   snapshot can be shared with no other account, and so not be kept apart.
-- remediation: Set a customer managed key as the Region's default (ModifyEbsDefaultKmsKeyId). Existing volumes keep their key.
-- references: https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html
-- verdict: approved-keys
-- spans: accounts
select
  account_id,
  region,
  'AWS::::Account:' || account_id as resource_arn,
  'AwsAccount' as resource_type,
  key_arn,
  key_class
from ebs_default_keys
