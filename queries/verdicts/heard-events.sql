-- Whether somebody hears of every kind of event that one has to hear of. `needed_events` is the control's own answer: for each vault and
-- kind, of which there are at most four, what each way of hearing answers (`yes`, `unknown`, `no`, or nothing); `events` says what they
-- are in words.
with heard as (
  select
    account_id,
    region,
    resource_arn,
    related_arn,
    events,
    place,
    kind,
    max(case answer when 'yes' then 2 when 'unknown' then 1 else 0 end) as answer
  from needed_events
  group by account_id, region, resource_arn, related_arn, events, place, kind
), compared as (
  select h.*, min(h.answer) over (partition by h.account_id, h.region, h.resource_arn) as worst
  from heard as h
)
select
  account_id,
  region,
  resource_arn,
  'AwsBackupBackupVault' as resource_type,
  related_arn,
  case worst when 2 then 'pass' when 0 then 'fail' else 'unknown' end as status,
  case worst
    when 2 then 'somebody hears of ' || events
    else case worst when 0 then 'nobody hears of ' else 'it is not known whether anybody hears of ' end || replace(trim(
      coalesce(max(case when place = 1 and answer = worst then kind end) || ' ', '')
      || coalesce(max(case when place = 2 and answer = worst then kind end) || ' ', '')
      || coalesce(max(case when place = 3 and answer = worst then kind end) || ' ', '')
      || coalesce(max(case when place = 4 and answer = worst then kind end), '')), ' ', ', ')
  end as reason
from compared
group by account_id, region, resource_arn, related_arn, events, worst
