-- Snapshots and images that everybody can copy.
select account_id, region, 'EBS snapshot' as kind, arn from ebs_public_snapshots
union all
select account_id, region, 'AMI', arn from amis where public
union all
select account_id, region, 'RDS snapshot', snapshot_arn from rds_snapshot_shares where shared_with_account_id = 'all'
order by kind, account_id, region, arn
