-- title: Snapshots and images are shared only with trusted accounts
-- family: sharing
-- severity: high
-- requirement: REL09-BP02
-- subject: ebs_snapshot_shares, rds_snapshot_shares, redshift_snapshot_shares, ami_shares
-- rationale: Whoever a snapshot is shared with can copy it and keep the copy, whatever the source account's
--   policies say. What everybody can read is judged by the controls on public snapshots and images.
-- remediation: Withdraw the permission, or name the account under trusted_accounts when it is meant to read
--   the backup; what was shared may have been copied already.
-- references: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html,
--   https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/share-amis-with-organizations-and-OUs.html
with shares as (
  select account_id, region, snapshot_arn as arn, 'AwsEc2Snapshot' as type, 'account' as kind, shared_with_account_id as shared_with
  from ebs_snapshot_shares
  union all
  select account_id, region, snapshot_arn, case when kind = 'cluster' then 'AwsRdsDbClusterSnapshot' else 'AwsRdsDbSnapshot' end,
    'account', shared_with_account_id
  from rds_snapshot_shares
  union all
  select account_id, region, snapshot_arn,
    case when coalesce(split_part(snapshot_arn, ':', 3), '') = 'redshift' then 'AwsRedshiftClusterSnapshot' else 'AwsRedshiftServerlessSnapshot' end,
    'account', shared_with_account_id
  from redshift_snapshot_shares
  union all
  select account_id, region, image_arn, 'AwsEc2Image', kind, shared_with
  from ami_shares
), weighed as (
  select
    s.account_id,
    s.region,
    s.arn,
    s.type,
    s.shared_with,
    t.trusted_account_id is null and o.organization_id is null as untrusted
  from shares as s
  left join trusted_accounts as t on t.trusted_account_id = s.shared_with
  left join own_organization as o
    on s.kind in ('organization', 'ou') and o.organization_id = coalesce(split_part(s.shared_with, '/', 2), '')
  where coalesce(s.shared_with, '') <> 'all'
)
select
  account_id,
  region,
  arn as resource_arn,
  type as resource_type,
  cast(null as varchar) as related_arn,
  case when count(case when untrusted then 1 end) > 0 then 'fail' else 'pass' end as status,
  case
    when count(case when untrusted then 1 end) > 0 then 'of ' || cast(count(*) as varchar) || ' that it is shared with, '
      || cast(count(case when untrusted then 1 end) as varchar) || ' not trusted: '
      || min(case when untrusted then shared_with end)
      || case when count(case when untrusted then 1 end) > 1 then ' and others' else '' end
    else 'all ' || cast(count(*) as varchar) || ' that it is shared with are trusted'
  end as reason
from weighed
group by account_id, region, arn, type
