-- title: No blocked EBS snapshot would become public again
-- family: sharing
-- severity: high
-- requirement: REL09-BP02
-- subject: ebs_snapshots, snapshot_public_access
-- evidence: ebs_public_snapshots, ebs_snapshot_shares@related_arn
-- rationale: Blocking all public sharing hides public snapshots but leaves their permissions as they are; one
--   call that relaxes the block makes all of them public again.
-- remediation: Take the group all off the snapshot (ModifySnapshotAttribute) while the block is on.
-- references: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableSnapshotBlockPublicAccess.html
select
  s.account_id,
  s.region,
  s.arn as resource_arn,
  'AwsEc2Snapshot' as resource_type,
  s.arn as related_arn,
  case when a.snapshot_arn is not null then 'fail' else 'pass' end as status,
  'snapshot ' || coalesce(s.snapshot_id, '?') || case
    when a.snapshot_arn is not null then ' is shared with everybody, which only block-all-sharing keeps from taking effect'
    else ' would stay private without block-all-sharing'
  end as reason
from ebs_snapshots as s
join snapshot_public_access as b
  on b.account_id = s.account_id and b.region = s.region and b.state = 'block-all-sharing'
left join ebs_snapshot_shares as a
  on a.account_id = s.account_id
  and a.region = s.region
  and a.snapshot_arn = s.arn
  and a.shared_with_account_id = 'all'
-- What is public in spite of the block is judged as public; an encrypted snapshot cannot be made so.
left join ebs_public_snapshots as p
  on p.account_id = s.account_id and p.region = s.region and p.arn = s.arn
where p.arn is null and not coalesce(s.encrypted, false)
