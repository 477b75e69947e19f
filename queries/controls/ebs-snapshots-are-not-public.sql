-- title: EBS snapshots are not public
-- family: sharing
-- severity: critical
-- requirement: REL09-BP02
-- subject: ebs_snapshots
-- evidence: ebs_public_snapshots
-- rationale: A public snapshot lets every AWS account read the disk it was made of.
-- remediation: Take the group all off the snapshot (ModifySnapshotAttribute) and block public access for
--   snapshots in the Region.
-- references: SecurityHub:EC2.1, Config:EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK,
--   Prowler:ec2_ebs_public_snapshot,
--   https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html
select
  s.account_id,
  s.region,
  s.arn as resource_arn,
  'AwsEc2Snapshot' as resource_type,
  cast(null as varchar) as related_arn,
  case when p.arn is not null then 'fail' else 'pass' end as status,
  'snapshot ' || coalesce(s.snapshot_id, '?') || case
    when p.arn is not null then ' can be restored by every AWS account'
    else ' is not public'
  end as reason
from ebs_snapshots as s
left join ebs_public_snapshots as p
  on p.account_id = s.account_id and p.region = s.region and p.arn = s.arn
