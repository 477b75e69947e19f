-- title: RDS and Aurora snapshots are encrypted
-- family: encryption
-- severity: critical
-- requirement: REL09-BP02
-- subject: rds_snapshots
-- rationale: A database snapshot holds the whole database; unencrypted it can be shared with any account
--   and restored there.
-- remediation: Copy the snapshot with a KMS key, delete the original, and move the instance or cluster to
--   encrypted storage.
-- references: SecurityHub:RDS.4, SecurityHub:Neptune.6, Config:RDS_SNAPSHOT_ENCRYPTED,
--   Config:NEPTUNE_CLUSTER_SNAPSHOT_ENCRYPTED, Prowler:rds_snapshots_encrypted,
--   Prowler:neptune_cluster_snapshot_encrypted,
--   https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html
-- verdict: encrypted
select
  t.account_id,
  t.region,
  t.arn as resource_arn,
  case when t.kind = 'cluster' then 'AwsRdsDbClusterSnapshot' else 'AwsRdsDbSnapshot' end as resource_type,
  t.encrypted,
  coalesce(t.snapshot_type, 'the') || ' snapshot of ' || coalesce(t.source_identifier, '?') as named
from rds_snapshots as t
where not coalesce(t.made_by_aws_backup, false)
