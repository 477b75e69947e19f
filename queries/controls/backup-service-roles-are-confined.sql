-- title: The roles of AWS Backup are confined
-- family: separation
-- severity: high
-- requirement: REL09-BP02
-- subject: backup_service_roles
-- rationale: The role that backups are made and restored with reaches all data and all backups. Who else can become it has both, and
--   what it has besides is there for whoever passes it to AWS Backup.
-- remediation: Let backup.amazonaws.com alone assume the role, and give it AWS's policies for backups and restores in place of
--   administrator rights and of whole services.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html,
--   https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_backing_up_data_secured_backups_data.html
with weighed as (
  select
    r.account_id,
    r.region,
    r.role_arn,
    r.name,
    r.other_trust,
    r.other_trust <> '[]' as others,
    r.wide_grants,
    r.wide_decision = 'allowed' or (r.wide_decision = 'conditional' and r.readable and coalesce(s.conditional_powers, 'allowed') = 'allowed')
      as wide,
    r.readable,
    r.selections,
    r.recovery_points,
    r.restore_tests
  from backup_service_roles as r
  cross join settings as s
)
select
  account_id,
  region,
  role_arn as resource_arn,
  'AwsIamRole' as resource_type,
  cast(null as varchar) as related_arn,
  case when others or wide then 'fail' when not readable then 'unknown' else 'pass' end as status,
  name || ' serves ' || cast(selections as varchar) || ' selections, ' || cast(recovery_points as varchar) || ' recovery points and '
    || cast(restore_tests as varchar) || ' selections of restore tests'
    || case when others then '; besides AWS Backup, these can become it: ' || other_trust else '' end
    || case when wide then '; it may do all of ' || wide_grants else '' end
    || case
      when not readable then '; one of its policies was not read, or is malformed'
      when not others and coalesce(not wide, true) then '; AWS Backup alone can become it, and it has no service whole'
      else ''
    end as reason
from weighed
