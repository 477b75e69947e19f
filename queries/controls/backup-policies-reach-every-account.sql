-- title: Backup policies reach every account
-- family: guardrails
-- severity: low
-- requirement: REL09-BP02
-- subject: data_stores
-- evidence: protected_by, effective_backup_policies
-- rationale: A plan that each account has to make for itself is missing where nobody thought of it. A backup policy of the
--   organization puts one into every account below it, and its members cannot take it away.
-- remediation: Switch on backup policies for the organization, and attach one to the root or to OUs whose plan names Regions, rules
--   with vaults, and selections with a role; or deploy plans that choose every data store by other means.
-- references: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_backup.html,
--   https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_backup_syntax.html
with held as (
  select account_id, region, count(*) as stores
  from data_stores
  group by account_id, region
), chosen as (
  select account_id, region, count(distinct resource_arn) as stores
  from protected_by
  group by account_id, region
), weighed as (
  select
    h.account_id,
    h.region,
    h.stores,
    coalesce(c.stores, 0) as chosen,
    e.state,
    e.policies,
    e.problem,
    e.state = 'valid' and e.regions like '%"' || h.region || '"%' as reached
  from held as h
  join effective_backup_policies as e on e.account_id = h.account_id and e.region = 'global'
  left join chosen as c on c.account_id = h.account_id and c.region = h.region
)
select
  account_id,
  region,
  'AWS::::Account:' || account_id as resource_arn,
  'AwsAccount' as resource_type,
  cast(null as varchar) as related_arn,
  case when reached or chosen >= stores then 'pass' when state = 'unknown' then 'unknown' else 'fail' end as status,
  case state
    when 'valid' then case when reached then 'backup policies deploy plans here: ' else 'backup policies deploy plans to other Regions: ' end || policies
    when 'invalid' then 'backup policies on the account''s path deploy no plan: ' || policies || coalesce(', of which ' || problem, '')
    when 'none' then 'no backup policy lies on the account''s path'
    when 'off' then 'the organization has not switched on backup policies'
    else 'what backup policies reach the account cannot be told'
  end || '; plans choose ' || cast(chosen as varchar) || ' of its ' || cast(stores as varchar) || ' data stores here' as reason
from weighed
