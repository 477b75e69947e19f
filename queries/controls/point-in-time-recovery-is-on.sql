-- title: Point-in-time recovery is on
-- family: recoverability
-- severity: medium
-- requirement: REL09-BP02
-- subject: dynamodb_tables, rds_instances, rds_clusters
-- rationale: Without continuous backups whatever was written since the last backup is lost, and the moment
--   before a mistake cannot be restored.
-- remediation: Turn on point-in-time recovery of the table, or give the database a backup retention of at
--   least one day.
-- references: SecurityHub:DynamoDB.2, SecurityHub:RDS.11, SecurityHub:DocumentDB.2, SecurityHub:Neptune.5,
--   Config:DYNAMODB_PITR_ENABLED, Config:DB_INSTANCE_BACKUP_ENABLED, Config:DOCDB_CLUSTER_BACKUP_RETENTION_CHECK,
--   Config:NEPTUNE_CLUSTER_BACKUP_RETENTION_CHECK, Prowler:dynamodb_tables_pitr_enabled,
--   Prowler:rds_instance_backup_enabled, Prowler:documentdb_cluster_backup_enabled,
--   Prowler:neptune_cluster_backup_enabled,
--   https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
with databases as (
  select account_id, region, arn, 'AwsRdsDbInstance' as resource_type, backup_retention_days
  from rds_instances
  where cluster_identifier is null and replica_source is null and coalesce(status, '') <> 'deleting'
  union all
  select account_id, region, arn, 'AwsRdsDbCluster', backup_retention_days
  from rds_clusters
  where coalesce(status, '') <> 'deleting'
)
select
  account_id,
  region,
  arn as resource_arn,
  'AwsDynamoDbTable' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when point_in_time_recovery then 'pass'
    when not point_in_time_recovery then 'fail'
    else 'unknown'
  end as status,
  case
    when point_in_time_recovery then 'point-in-time recovery is on, for '
      || coalesce(cast(recovery_period_days as varchar) || ' days', 'a period that AWS did not say')
    when not point_in_time_recovery then 'point-in-time recovery is off'
    else 'AWS did not say whether point-in-time recovery is on'
  end as reason
from dynamodb_tables
where coalesce(status, '') not in ('CREATING', 'DELETING', 'ARCHIVING', 'ARCHIVED')
union all
select
  account_id,
  region,
  arn,
  resource_type,
  cast(null as varchar),
  case
    when backup_retention_days > 0 then 'pass'
    when backup_retention_days <= 0 then 'fail'
    else 'unknown'
  end,
  case
    when backup_retention_days > 0 then 'automated backups are kept for ' || cast(backup_retention_days as varchar) || ' days'
    when backup_retention_days <= 0 then 'automated backups are off'
    else 'AWS did not say how long automated backups are kept'
  end
from databases
