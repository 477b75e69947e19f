-- title: RDS automated backups are encrypted
-- family: encryption
-- severity: critical
-- requirement: REL09-BP02
-- subject: rds_automated_backups
-- rationale: Automated backups, retained ones too, hold every transaction of the database and outlive it;
--   they inherit its lack of encryption.
-- remediation: Move the database to encrypted storage by an encrypted snapshot copy, and delete retained
--   unencrypted backups.
-- references: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html
select
  t.account_id,
  t.region,
  t.arn as resource_arn,
  case when t.kind = 'cluster' then 'AwsRdsDbClusterAutomatedBackup' else 'AwsRdsDbAutomatedBackup' end as resource_type,
  t.source_arn as related_arn,
  case
    when t.encrypted then 'pass'
    when not t.encrypted then 'fail'
    else 'unknown'
  end as status,
  case
    when t.encrypted then coalesce(t.status, 'the') || ' automated backup of ' || coalesce(t.source_identifier, '?') || ' is encrypted'
    when not t.encrypted then coalesce(t.status, 'the') || ' automated backup of ' || coalesce(t.source_identifier, '?') || ' is not encrypted: it inherits that from its source'
    else 'AWS did not say whether ' || coalesce(t.status, 'the') || ' automated backup of ' || coalesce(t.source_identifier, '?') || ' is encrypted'
  end as reason
from rds_automated_backups as t
where t.aws_backup_recovery_point_arn is null
