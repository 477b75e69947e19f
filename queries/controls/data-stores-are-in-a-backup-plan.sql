-- title: Data stores are in a backup plan
-- family: recoverability
-- severity: high
-- requirement: REL09-BP02
-- subject: data_stores
-- evidence: protected_by
-- rationale: What no plan chooses is backed up only when somebody thinks of it.
-- remediation: Give the data store the tag that a plan of its account and Region chooses by, or name it in a
--   selection, and opt its type in for AWS Backup in that Region.
-- references: SecurityHub:EC2.28, SecurityHub:RDS.26, SecurityHub:EFS.2, SecurityHub:DynamoDB.4,
--   Config:EBS_IN_BACKUP_PLAN, Config:RDS_IN_BACKUP_PLAN, Config:DYNAMODB_IN_BACKUP_PLAN, Config:EFS_IN_BACKUP_PLAN,
--   Config:EBS_RESOURCES_PROTECTED_BY_BACKUP_PLAN, Config:RDS_RESOURCES_PROTECTED_BY_BACKUP_PLAN,
--   Config:AURORA_RESOURCES_PROTECTED_BY_BACKUP_PLAN, Config:DYNAMODB_RESOURCES_PROTECTED_BY_BACKUP_PLAN,
--   Config:EFS_RESOURCES_PROTECTED_BY_BACKUP_PLAN, Config:FSX_RESOURCES_PROTECTED_BY_BACKUP_PLAN,
--   Config:S3_RESOURCES_PROTECTED_BY_BACKUP_PLAN, BackupAuditManager:BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN,
--   Prowler:ec2_ebs_volume_protected_by_backup_plan, Prowler:rds_instance_protected_by_backup_plan,
--   Prowler:rds_cluster_protected_by_backup_plan, Prowler:dynamodb_table_protected_by_backup_plan,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
with protections as (
  select account_id, region, resource_arn, count(distinct plan_arn) as plans, min(plan_name) as plan_name
  from protected_by
  group by account_id, region, resource_arn
)
select
  s.account_id,
  s.region,
  s.arn as resource_arn,
  s.finding_type as resource_type,
  cast(null as varchar) as related_arn,
  case when p.resource_arn is null then 'fail' else 'pass' end as status,
  case
    when p.resource_arn is null then 'no backup plan of the account and Region chooses this ' || s.resource_type || ' resource'
    else 'chosen by ' || cast(p.plans as varchar) || ' plan(s), such as ' || coalesce(p.plan_name, 'one without a name')
  end as reason
from data_stores as s
left join protections as p
  on p.account_id = s.account_id and p.region = s.region and p.resource_arn = s.arn
