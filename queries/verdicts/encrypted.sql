-- Whether something is encrypted at all, by whatever key. `stored_things` is the control's own answer: what is stored, what it is
-- called (`named`), and what AWS says of it (`encrypted`).
select
  account_id,
  region,
  resource_arn,
  resource_type,
  cast(null as varchar) as related_arn,
  case
    when encrypted then 'pass'
    when not encrypted then 'fail'
    else 'unknown'
  end as status,
  case
    when encrypted then named || ' is encrypted'
    when not encrypted then named || ' is not encrypted'
    else 'AWS did not say whether ' || named || ' is encrypted'
  end as reason
from stored_things
