-- Keys that backups hang on, by the cell that holds the backups. What AWS Backup made counts once, as a recovery point.
with uses as (
  select account_id, region, effective_key_arn as key_arn, 1 as points, 0 as vaults, 0 as ebs, 0 as rds, 0 as automated
  from judged_points
  union all
  select account_id, region, encryption_key_arn, 0, 1, 0, 0, 0
  from judged_vaults
  union all
  select account_id, region, kms_key_arn, 0, 0, 1, 0, 0
  from ebs_snapshots
  where encrypted and not coalesce(made_by_aws_backup, false)
  union all
  select account_id, region, kms_key_arn, 0, 0, 0, 1, 0
  from rds_snapshots
  where coalesce(encrypted, true) and not coalesce(made_by_aws_backup, false)
  union all
  select account_id, region, kms_key_arn, 0, 0, 0, 0, 1
  from rds_automated_backups
  where coalesce(encrypted, true) and aws_backup_recovery_point_arn is null
)
select
  account_id,
  region,
  key_arn,
  sum(points) as points,
  sum(vaults) as vaults,
  sum(ebs) as ebs_snapshots,
  sum(rds) as rds_snapshots,
  sum(automated) as automated_backups
from uses
where key_arn is not null
group by account_id, region, key_arn
