-- title: Public access to EBS snapshots is blocked
-- family: sharing
-- severity: medium
-- requirement: REL09-BP02
-- subject: snapshot_public_access
-- rationale: Blocked at the Region, no one can make a snapshot public, by mistake or with stolen
--   credentials.
-- remediation: Block public access for snapshots in the Region (EnableSnapshotBlockPublicAccess), or by a
--   declarative policy of the organization.
-- references: SecurityHub:EC2.182, Config:EBS_SNAPSHOT_BLOCK_PUBLIC_ACCESS,
--   Prowler:ec2_ebs_snapshot_account_block_public_access,
--   https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html
select
  account_id,
  region,
  'AWS::::Account:' || account_id as resource_arn,
  'AwsAccount' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when state in ('block-all-sharing', 'block-new-sharing') then 'pass'
    when state = 'unblocked' then 'fail'
    else 'unknown'
  end as status,
  'public access to EBS snapshots in ' || region || ' is set to ' || coalesce(state, 'nothing AWS would name') as reason
from snapshot_public_access
