-- Around what a control found (`found`), where the run has waivers of it: what was agreed is waived.
with numbered as (
  -- Keeps rows apart that are the same in all else: whoever made them must hear of it.
  select f.*, row_number() over (partition by f.account_id, f.region, f.resource_arn order by f.status) as place
  from found as f
), agreed as (
  select
    w.waived_account_id as account_id,
    coalesce(o.account_id, '*') as ou_account_id,
    w.resource_pattern,
    w.owner || ': ' || w.reason as note
  from waivers as w
  join this_control as t on w.control_id in ('*', t.control_id)
  cross join settings as s
  left join account_ous as o on o.ou_id = w.waived_ou_id
  where (w.waived_ou_id = '*' or o.account_id is not null) and (w.expires_at is null or w.expires_at > s.as_of)
), noted as (
  select
    f.account_id,
    f.region,
    f.observed_at,
    f.resource_arn,
    f.resource_type,
    f.related_arn,
    f.status,
    f.reason,
    f.severity,
    f.family,
    f.control_id,
    min(a.note) as note
  from numbered as f
  left join agreed as a
    on f.status = 'fail'
    and a.account_id in ('*', f.account_id)
    and a.ou_account_id in ('*', f.account_id)
    and f.resource_arn like a.resource_pattern escape '\'
  group by f.account_id, f.region, f.observed_at, f.resource_arn, f.resource_type, f.related_arn, f.status, f.reason,
    f.severity, f.family, f.control_id, f.place
)
select
  account_id,
  region,
  observed_at,
  resource_arn,
  resource_type,
  related_arn,
  case when note is not null then 'waived' else status end as status,
  case when note is not null then reason || ' (waived by ' || note || ')' else reason end as reason,
  severity,
  family,
  control_id
from noted
