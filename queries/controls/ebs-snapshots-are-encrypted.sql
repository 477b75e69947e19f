-- title: EBS snapshots are encrypted
-- family: encryption
-- severity: critical
-- requirement: REL09-BP02
-- subject: ebs_snapshots
-- rationale: An unencrypted snapshot can be shared or copied out of the account without any key.
-- remediation: Copy the snapshot with encryption, delete the original, and turn on EBS encryption by
--   default.
-- references: Prowler:ec2_ebs_snapshots_encrypted,
--   https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html
-- verdict: encrypted
select
  t.account_id,
  t.region,
  t.arn as resource_arn,
  'AwsEc2Snapshot' as resource_type,
  t.encrypted,
  'snapshot ' || coalesce(t.snapshot_id, '?') || ' of ' || coalesce(t.volume_id, 'an unknown volume') as named
from ebs_snapshots as t
where not coalesce(t.made_by_aws_backup, false)
