-- title: FSx backups use approved keys
-- family: encryption
-- severity: medium
-- requirement: REL09-BP02
-- subject: fsx_backups
-- evidence: kms_keys@related_arn
-- rationale: FSx encrypts every backup; whose key it is decides who may decrypt it, and whether it can be
--   copied to another account.
-- remediation: A backup has the key of its file system, which cannot be changed: copy the backup under a
--   customer managed key of the organization, and restore the file system under one.
-- references: https://docs.aws.amazon.com/fsx/latest/WindowsGuide/encryption-at-rest.html
-- verdict: approved-keys
-- spans: accounts
select
  account_id,
  region,
  arn as resource_arn,
  'AwsFsxBackup' as resource_type,
  kms_key_arn as key_arn,
  cast(null as varchar) as key_class
from own_fsx_backups
