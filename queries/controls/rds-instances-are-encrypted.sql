-- title: RDS instances are encrypted
-- family: source
-- severity: high
-- requirement: REL09-BP02
-- subject: rds_instances
-- rationale: Every snapshot and automated backup of an unencrypted instance is unencrypted.
-- remediation: Restore the instance from an encrypted copy of its snapshot and move clients to it.
-- references: SecurityHub:RDS.3, Config:RDS_STORAGE_ENCRYPTED, Prowler:rds_instance_storage_encrypted,
--   https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html
-- verdict: encrypted
select
  t.account_id,
  t.region,
  t.arn as resource_arn,
  'AwsRdsDbInstance' as resource_type,
  t.encrypted,
  coalesce(t.engine, 'the') || ' instance ' || coalesce(t.identifier, '?') as named
from rds_instances as t
where t.cluster_identifier is null
