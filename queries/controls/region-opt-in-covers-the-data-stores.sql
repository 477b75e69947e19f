-- title: The Region's opt-in covers the data stores
-- family: guardrails
-- severity: medium
-- requirement: REL09-BP02
-- subject: data_stores
-- evidence: backup_region_settings, protected_by
-- rationale: A plan that chooses by tag or by service passes over every type that the Region is not opted in for, and says
--   nothing about it.
-- remediation: Opt the type in for AWS Backup in the Region (UpdateRegionSettings), or name its resources in a selection.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/getting-started.html,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
with held as (
  select account_id, region, resource_type, count(*) as stores
  from data_stores
  group by account_id, region, resource_type
), chosen as (
  -- What is chosen although its type is not opted in, is chosen by its type or name.
  select account_id, region, resource_type, count(distinct resource_arn) as stores
  from protected_by
  where kind = 'backup_plan'
  group by account_id, region, resource_type
)
select
  h.account_id,
  h.region,
  'AWS::::Account:' || h.account_id || '/backup-opt-in/' || h.resource_type as resource_arn,
  'AwsAccount' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when g.opted_in or coalesce(c.stores, 0) >= h.stores then 'pass'
    when g.resource_type is not null and g.opted_in is null then 'unknown'
    else 'fail'
  end as status,
  case
    when g.opted_in then h.resource_type || ' is opted in, and ' || cast(h.stores as varchar) || ' data store(s) are of it'
    when g.resource_type is null then 'AWS Backup''s settings of the Region do not name ' || h.resource_type
    when g.opted_in is null then 'AWS did not say whether ' || h.resource_type || ' is opted in'
    else h.resource_type || ' is not opted in'
  end || case
    when g.opted_in then ''
    else '; selections choose ' || cast(coalesce(c.stores, 0) as varchar) || ' of its ' || cast(h.stores as varchar)
      || ' data store(s) all the same'
  end as reason
from held as h
left join backup_region_settings as g
  on g.account_id = h.account_id and g.region = h.region and g.resource_type = h.resource_type
left join chosen as c
  on c.account_id = h.account_id and c.region = h.region and c.resource_type = h.resource_type
