-- title: RDS and Aurora snapshots are not public
-- family: sharing
-- severity: critical
-- requirement: REL09-BP02
-- subject: rds_snapshots
-- evidence: rds_snapshot_shares@related_arn
-- rationale: A public snapshot lets every AWS account restore the whole database. Only manual snapshots can be
--   shared, so only they are judged.
-- remediation: Take all off the snapshot's restore attribute (ModifyDBSnapshotAttribute,
--   ModifyDBClusterSnapshotAttribute).
-- references: SecurityHub:RDS.1, SecurityHub:DocumentDB.3, SecurityHub:Neptune.3,
--   Config:RDS_SNAPSHOTS_PUBLIC_PROHIBITED, Config:DOCDB_CLUSTER_SNAPSHOT_PUBLIC_PROHIBITED,
--   Config:NEPTUNE_CLUSTER_SNAPSHOT_PUBLIC_PROHIBITED, Prowler:rds_snapshots_public_access,
--   Prowler:documentdb_cluster_public_snapshot, Prowler:neptune_cluster_public_snapshot,
--   https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html
select
  s.account_id,
  s.region,
  s.arn as resource_arn,
  case when s.kind = 'cluster' then 'AwsRdsDbClusterSnapshot' else 'AwsRdsDbSnapshot' end as resource_type,
  s.arn as related_arn,
  case when p.snapshot_arn is not null then 'fail' else 'pass' end as status,
  'snapshot ' || coalesce(s.identifier, '?') || case
    when p.snapshot_arn is not null then ' can be restored by every AWS account'
    else ' is not public'
  end as reason
from rds_snapshots as s
left join rds_snapshot_shares as p
  on p.account_id = s.account_id
  and p.region = s.region
  and p.snapshot_arn = s.arn
  and p.shared_with_account_id = 'all'
where coalesce(s.snapshot_type, 'manual') = 'manual'
