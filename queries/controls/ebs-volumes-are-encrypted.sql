-- title: EBS volumes are encrypted
-- family: source
-- severity: high
-- requirement: REL09-BP02
-- subject: ebs_volumes
-- rationale: Every snapshot of an unencrypted volume is unencrypted, those of AWS Backup too.
-- remediation: Snapshot the volume, copy the snapshot with encryption, make a volume of it and swap it in.
-- references: SecurityHub:EC2.3, Config:ENCRYPTED_VOLUMES, Prowler:ec2_ebs_volume_encryption,
--   https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html
-- verdict: encrypted
select
  t.account_id,
  t.region,
  t.arn as resource_arn,
  'AwsEc2Volume' as resource_type,
  t.encrypted,
  'volume ' || coalesce(t.volume_id, '?') as named
from ebs_volumes as t
where t.managed_by is null
  and not coalesce(t.drs_staging, false)
  and coalesce(t.state, '') not in ('deleting', 'deleted')
