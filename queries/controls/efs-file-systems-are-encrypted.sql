-- title: EFS file systems are encrypted
-- family: source
-- severity: high
-- requirement: REL09-BP02
-- subject: efs_file_systems
-- rationale: A backup is only as well kept as what it is made of: whoever reaches the storage of an
--   unencrypted file system reads all that its encrypted backups protect.
-- remediation: Encryption cannot be turned on later: make an encrypted file system, replicate or restore the
--   data into it and move clients to it.
-- references: SecurityHub:EFS.1, SecurityHub:EFS.8, Config:EFS_ENCRYPTED_CHECK, Config:EFS_FILESYSTEM_CT_ENCRYPTED,
--   Prowler:efs_encryption_at_rest_enabled,
--   https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html
-- verdict: encrypted
select
  account_id,
  region,
  arn as resource_arn,
  'AwsEfsFileSystem' as resource_type,
  encrypted,
  'file system ' || coalesce(nullif(name, ''), id, '?') as named
from efs_file_systems
where coalesce(state, '') not in ('deleting', 'deleted')
