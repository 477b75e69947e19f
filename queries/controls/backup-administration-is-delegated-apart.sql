-- title: Backups are administered apart from workloads
-- family: guardrails
-- severity: medium
-- requirement: REL09-BP02
-- subject: backup_administration
-- evidence: backup_administration
-- rationale: The account that administers AWS Backup sets the backup policies of all others. Beside a workload, whoever breaks into
--   that workload is next to them; in the management account, which no service control policy binds, next to everything.
-- remediation: Register an account of its own as delegated administrator for AWS Backup, and move the data stores out of it.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/manage-cross-account.html,
--   https://docs.aws.amazon.com/organizations/latest/userguide/orgs_best-practices_mgmt-acct.html
-- spans: organization
select
  account_id,
  region,
  'AWS::::Account:' || account_id as resource_arn,
  'AwsAccount' as resource_type,
  cast(null as varchar) as related_arn,
  case when role = 'delegated' and data_stores = 0 then 'pass' else 'fail' end as status,
  case
    when role = 'management' then 'no account is delegated, so the management account administers AWS Backup: AWS recommends to use it'
      || ' only for what needs it, and to delegate the rest'
    when data_stores > 0 then 'it administers AWS Backup for the organization, and holds ' || cast(data_stores as varchar)
      || ' data stores, such as ' || example_arn
    else 'it administers AWS Backup for the organization, and holds no data store; S3 buckets are not counted'
  end as reason
from backup_administration
