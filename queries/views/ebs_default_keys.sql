-- The key that EBS takes in a cell where no other is named. AWS reports it as an ARN or as an alias; `alias/aws/ebs` is AWS's
-- own, also while no key has been made for it yet.
select
  s.account_id,
  s.region,
  coalesce(a.key_arn, case when s.default_kms_key_id like 'arn:%:key/%' then s.default_kms_key_id end) as key_arn,
  case
    when s.default_kms_key_id = 'alias/aws/ebs' or s.default_kms_key_id like 'arn:%:alias/aws/ebs' then 'AWS_MANAGED'
  end as key_class
from ebs_settings as s
left join key_names as a
  on a.account_id = s.account_id
  and a.region = s.region
  and a.name = s.default_kms_key_id
