-- title: Redshift clusters are encrypted
-- family: source
-- severity: high
-- requirement: REL09-BP02
-- subject: redshift_clusters
-- rationale: Every snapshot of an unencrypted cluster is unencrypted, those of AWS Backup included.
-- remediation: Modify the cluster to use a customer managed KMS key; Redshift moves its data to an
--   encrypted one.
-- references: SecurityHub:Redshift.10, Config:REDSHIFT_CLUSTER_KMS_ENABLED,
--   Prowler:redshift_cluster_encrypted_at_rest,
--   https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-db-encryption.html
-- verdict: encrypted
select
  t.account_id,
  t.region,
  t.arn as resource_arn,
  'AwsRedshiftCluster' as resource_type,
  t.encrypted,
  'cluster ' || coalesce(t.identifier, '?') as named
from redshift_clusters as t
