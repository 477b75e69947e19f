-- title: Backups are administered apart from workloads
-- family: guardrails
-- severity: medium
-- requirement: REL09-BP02
-- subject: org_delegated_administrators
-- evidence: backup_administration
-- rationale: The account that administers AWS Backup sets the backup policies of all others. Beside a workload, whoever breaks into
--   that workload is next to them; in the management account, which no service control policy binds, next to everything.
-- remediation: Register an account of its own as delegated administrator for AWS Backup, and move the data stores out of it.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/manage-cross-account.html,
--   https://docs.aws.amazon.com/organizations/latest/userguide/orgs_best-practices_mgmt-acct.html
-- spans: organization
with delegated as (
  select distinct administrator_account_id as account_id from org_delegated_administrators
), administrators as (
  -- Of an account that the run leaves out nothing is said.
  select d.account_id, true as is_delegated
  from delegated as d
  left join accounts as a on a.account_id = d.account_id
  where coalesce(a.not_audited_reason, '') not in ('out_of_scope', 'excluded')
  union all
  -- Where nobody is delegated, the organization's management account administers.
  select a.account_id, false
  from accounts as a
  join (
    select distinct account_id from table_coverage
    where table_name = 'org_delegated_administrators' and status <> 'not_applicable'
  ) as t on t.account_id = a.account_id
  cross join own_organization as o
  cross join (select count(*) as accounts from delegated) as d
  where a.is_management and d.accounts = 0
)
select
  a.account_id,
  'global' as region,
  'AWS::::Account:' || a.account_id as resource_arn,
  'AwsAccount' as resource_type,
  cast(null as varchar) as related_arn,
  case when b.data_stores is null then 'unknown' when a.is_delegated and b.data_stores = 0 then 'pass' else 'fail' end as status,
  case
    when b.data_stores is null then 'it administers AWS Backup for the organization, and its data stores are not known'
    when not a.is_delegated then 'no account is delegated, so the management account administers AWS Backup: AWS recommends to use it'
      || ' only for what needs it, and to delegate the rest'
    when b.data_stores > 0 then 'it administers AWS Backup for the organization, and holds ' || cast(b.data_stores as varchar)
      || ' data stores, such as ' || b.example_arn
    else 'it administers AWS Backup for the organization, and holds no data store; S3 buckets are not counted'
  end as reason
from administrators as a
left join backup_administration as b on b.account_id = a.account_id and b.region = 'global'
