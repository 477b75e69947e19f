-- Whether what a rule of EventBridge takes reaches somebody: `yes`, `no` or `unknown`. Calls come only where a trail records them, and
-- a topic of SNS without a subscriber tells nobody.
with recorders as (
  select
    account_id,
    multi_region,
    home_region,
    case
      when not is_logging or management_events in ('read', 'none') then 0
      when is_logging is null or management_events is null then 1
      else 2
    end as records
  from trails
), recording as (
  select e.account_id, e.region, max(t.records) as records
  from (select distinct account_id, region from event_coverage) as e
  join recorders as t on t.account_id = e.account_id and (t.multi_region or t.home_region = e.region)
  group by e.account_id, e.region
)
select
  e.account_id,
  e.region,
  e.vault_arn,
  e.kind,
  case
    when a.trusted_account_id is null then 'no'
    when e.channel = 'cloudtrail' and coalesce(r.records, 0) = 0 then 'no'
    when n.subscriptions_confirmed = 0 then 'no'
    when e.target_service = 'sns' and n.arn is null
      and e.target_account_id = e.account_id and e.target_region = e.region then 'no'
    when e.target_service = 'sns' and n.subscriptions_confirmed is null then 'unknown'
    when e.channel = 'cloudtrail' and r.records = 1 then 'unknown'
    when not e.certain then 'unknown'
    else 'yes'
  end as answer
from event_coverage as e
left join recording as r on r.account_id = e.account_id and r.region = e.region
left join trusted_accounts as a on a.trusted_account_id = e.target_account_id
left join sns_topics as n on n.arn = e.target_arn
