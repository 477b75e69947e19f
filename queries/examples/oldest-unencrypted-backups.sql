-- The oldest backups that are not encrypted, of any kind.
select account_id, region, 'recovery point' as kind, arn, source_arn as source, created_at
from recovery_points
where encrypted = false and not is_parent
union all
select account_id, region, 'EBS snapshot', arn, volume_id, started_at
from ebs_snapshots
where encrypted = false and not made_by_aws_backup
union all
select account_id, region, 'RDS snapshot', arn, source_identifier, created_at
from rds_snapshots
where encrypted = false and not made_by_aws_backup
order by created_at, arn
limit 100
