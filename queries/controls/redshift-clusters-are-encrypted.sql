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
select
  t.account_id,
  t.region,
  t.arn as resource_arn,
  'AwsRedshiftCluster' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when t.encrypted then 'pass'
    when not t.encrypted then 'fail'
    else 'unknown'
  end as status,
  case
    when t.encrypted then 'cluster ' || coalesce(t.identifier, '?') || ' is encrypted'
    when not t.encrypted then 'cluster ' || coalesce(t.identifier, '?') || ' is not encrypted'
    else 'AWS did not say whether cluster ' || coalesce(t.identifier, '?') || ' is encrypted'
  end as reason
from redshift_clusters as t
