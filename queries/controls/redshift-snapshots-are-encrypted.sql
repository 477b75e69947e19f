-- title: Redshift and Redshift Serverless snapshots are encrypted
-- family: encryption
-- severity: critical
-- requirement: REL09-BP02
-- subject: redshift_snapshots, redshift_serverless_snapshots
-- rationale: A snapshot holds the whole warehouse; unencrypted it can be shared with any account and
--   restored there without leave of any key.
-- remediation: Encrypt the cluster, which encrypts the snapshots taken from then on, take a new one, and
--   delete those from before.
-- references: https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-db-encryption.html,
--   https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-snapshots-recovery-points.html
-- verdict: encrypted
with snapshots as (
  select
    account_id,
    region,
    arn,
    'AwsRedshiftClusterSnapshot' as resource_type,
    coalesce(snapshot_type, 'the') || ' snapshot of cluster ' || coalesce(cluster_identifier, '?') as named,
    encrypted or coalesce(encrypted_with_hsm, false) as encrypted
  from own_redshift_snapshots
  union all
  select
    account_id,
    region,
    arn,
    'AwsRedshiftServerlessSnapshot',
    'snapshot of namespace ' || coalesce(namespace_name, '?'),
    -- There is no answer that says "not encrypted": a key is named, or one that AWS owns.
    case when kms_key_arn is not null or aws_owned_key then true end
  from own_redshift_serverless_snapshots
)
select
  account_id,
  region,
  arn as resource_arn,
  resource_type,
  encrypted,
  named
from snapshots
