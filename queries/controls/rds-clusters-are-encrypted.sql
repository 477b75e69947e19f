-- title: RDS, Aurora, DocumentDB and Neptune clusters are encrypted
-- family: source
-- severity: high
-- requirement: REL09-BP02
-- subject: rds_clusters
-- rationale: Every snapshot and automated backup of an unencrypted cluster is unencrypted.
-- remediation: Restore the cluster from a snapshot with a KMS key given and move clients to it.
-- references: SecurityHub:RDS.27, SecurityHub:DocumentDB.1, SecurityHub:Neptune.1,
--   Config:RDS_CLUSTER_ENCRYPTED_AT_REST, Config:DOCDB_CLUSTER_ENCRYPTED, Config:NEPTUNE_CLUSTER_ENCRYPTED,
--   Prowler:rds_cluster_storage_encrypted, Prowler:documentdb_cluster_storage_encrypted,
--   Prowler:neptune_cluster_storage_encrypted,
--   https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html
-- verdict: encrypted
select
  t.account_id,
  t.region,
  t.arn as resource_arn,
  'AwsRdsDbCluster' as resource_type,
  t.encrypted,
  coalesce(t.engine, 'the') || ' cluster ' || coalesce(t.identifier, '?') as named
from rds_clusters as t
