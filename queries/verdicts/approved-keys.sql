-- Whether the key that something is encrypted with is one that the settings approve of. `key_uses` is the control's own answer:
-- what is encrypted, with which key; `key_class` says whose key it is where AWS names none: AWS_OWNED, AIR_GAPPED_OWNED (the
-- owned key of a logically air-gapped vault) or AWS_MANAGED. The manager of a named key is what KMS says of it.
with keys as (
  select
    u.account_id,
    u.region,
    u.resource_arn,
    u.resource_type,
    u.key_arn,
    case when u.key_arn is null then u.key_class end as key_class,
    coalesce(s.required_key_manager, 'customer') as required,
    coalesce(s.air_gapped_owned_key_ok, false) as air_gapped_owned_ok,
    k.key_manager,
    k.arn as found_arn,
    a.account_id as key_account_id
  from key_uses as u
  cross join settings as s
  left join kms_keys as k on k.arn = u.key_arn
  left join accounts as a on a.account_id = coalesce(split_part(u.key_arn, ':', 5), '')
)
select
  account_id,
  region,
  resource_arn,
  resource_type,
  key_arn as related_arn,
  case
    when key_class = 'AIR_GAPPED_OWNED' and air_gapped_owned_ok then 'pass'
    when key_class in ('AWS_OWNED', 'AIR_GAPPED_OWNED') and required = 'any' then 'pass'
    when key_class = 'AWS_MANAGED' and required <> 'customer' then 'pass'
    when key_class in ('AWS_OWNED', 'AIR_GAPPED_OWNED', 'AWS_MANAGED') then 'fail'
    when key_arn is null then 'unknown'
    when key_account_id is null or found_arn is null then 'fail'
    when key_manager = 'CUSTOMER' then 'pass'
    when key_manager = 'AWS' and required = 'customer' then 'fail'
    when key_manager = 'AWS' then 'pass'
    else 'unknown'
  end as status,
  case
    when key_class in ('AWS_OWNED', 'AIR_GAPPED_OWNED') then 'encrypted with a key that AWS owns; required: ' || required
    when key_class = 'AWS_MANAGED' then 'encrypted with an AWS managed key; required: ' || required
    when key_arn is null then 'AWS names no key'
    when key_account_id is null then 'encrypted with a foreign key, of account ' || coalesce(split_part(key_arn, ':', 5), '')
    when found_arn is null then 'encrypted with a key that no longer exists: ' || key_arn
    when key_manager = 'CUSTOMER' then 'encrypted with a customer managed key; required: ' || required
    when key_manager = 'AWS' then 'encrypted with an AWS managed key; required: ' || required
    else 'AWS does not say who manages ' || key_arn
  end as reason
from keys
