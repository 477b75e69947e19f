-- title: The auditor cannot write
-- family: separation
-- severity: critical
-- requirement: REL09-BP02
-- subject: auditor_roles
-- rationale: The auditor has a role in every account. If that role could write, its credentials would be the way to the backups of
--   all of them at once.
-- remediation: Deploy the role of the member stack, which holds the reading actions of docs/permissions.md, and the import of
--   findings (securityhub:BatchImportFindings) for the publishing role; take everything else from both.
-- references: https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_permissions_least_privileges.html,
--   https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
with weighed as (
  select
    r.account_id,
    r.region,
    r.role_arn,
    r.name,
    r.writes,
    r.readable,
    r.decision = 'allowed' or (r.decision = 'conditional' and r.readable and coalesce(s.conditional_powers, 'allowed') = 'allowed')
      as can_write
  from auditor_roles as r
  cross join settings as s
)
select
  account_id,
  region,
  role_arn as resource_arn,
  'AwsIamRole' as resource_type,
  cast(null as varchar) as related_arn,
  case when can_write then 'fail' when not readable then 'unknown' else 'pass' end as status,
  name || case
    when can_write then ' may do what is more than reading: ' || writes
    when not readable then ' has a policy that was not read, or is malformed'
    else ' may read, and write nothing but findings'
  end as reason
from weighed
