-- Accounts, organizations and OUs that snapshots and images are shared with, and whether they are trusted.
with shares as (
  select account_id, region, snapshot_arn as arn, shared_with_account_id as shared_with from ebs_snapshot_shares
  union all
  select account_id, region, snapshot_arn, shared_with_account_id from rds_snapshot_shares
  union all
  select account_id, region, snapshot_arn, shared_with_account_id from redshift_snapshot_shares
  union all
  select account_id, region, image_arn, shared_with from ami_shares
)
select
  s.shared_with,
  case when t.trusted_account_id is null then 'no' else 'yes' end as trusted_account,
  count(*) as shares,
  count(distinct s.account_id) as from_accounts,
  min(s.arn) as sample
from shares as s
left join trusted_accounts as t on t.trusted_account_id = s.shared_with
group by s.shared_with, case when t.trusted_account_id is null then 'no' else 'yes' end
order by trusted_account, shares desc, s.shared_with
