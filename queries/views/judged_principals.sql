-- Users and roles whose powers are judged. Left out are those of AWS (service-linked roles), the role that AWS Backup alone assumes,
-- which a control of its own judges, and Strongroom's. `spared`: why one is listed, and not failed.
select
  p.account_id,
  p.region,
  p.arn,
  p.name,
  case when p.kind = 'user' then 'AwsIamUser' else 'AwsIamRole' end as resource_type,
  p.automation,
  p.backup_data_reader,
  case
    when p.break_glass then 'it is for emergencies'
    when p.access = 'organization' and coalesce(s.organization_access, 'ok') = 'ok'
      then 'it is the organization''s way in, which the settings allow'
  end as spared
from principals as p
cross join settings as s
where p.access in ('own', 'organization')
