-- What is to be sent: this run's judgements against what the hubs hold.
-- Athena works out a CTE again wherever it is named, and takes 150 stages at most: `desired` and `live` are named once.
with matched as (
  -- Every finding that is judged or held. What a hub lost is as if it had never been sent; of what is only held, all is as it was sent.
  select
    coalesce(d.control_id, l.control_id) as control_id,
    coalesce(d.finding_id, l.finding_id) as finding_id,
    coalesce(d.account_id, l.account_id) as account_id,
    coalesce(d.region, l.region) as region,
    coalesce(d.target_account, l.target_account) as target_account,
    coalesce(d.target_region, l.target_region) as target_region,
    coalesce(d.resource_arn, l.resource_arn) as resource_arn,
    case when d.finding_id is null then l.resource_type else d.resource_type end as resource_type,
    case when d.finding_id is null then l.related_arn else d.related_arn end as related_arn,
    case when d.finding_id is null then l.granularity else d.granularity end as granularity,
    case when d.finding_id is null then l.judged else d.judged end as judged,
    case when d.finding_id is null then l.failed else d.failed end as failed,
    case when d.finding_id is null then l.samples else d.samples end as samples,
    case when d.finding_id is null then l.sample_type else d.sample_type end as sample_type,
    case when d.finding_id is null then l.severity else d.severity end as severity,
    d.finding_id is not null as is_judged,
    d.status,
    d.content_hash,
    d.reason as judged_reason,
    case when d.status <> 'unknown' then d.reason when not l.lost then l.reason end as reason,
    l.finding_id is not null and not l.lost as is_held,
    case when not l.lost then l.record_state end as held_state,
    case when not l.lost then l.compliance end as held_compliance,
    case when not l.lost then l.content_hash end as held_hash,
    l.first_observed_at as held_since,
    l.updated_at as held_at,
    l.known_account,
    l.audited
  from desired as d
  full outer join live as l
    on l.finding_id = d.finding_id and l.target_account = d.target_account and l.target_region = d.target_region
  where d.finding_id is not null or not l.lost
), faulty as (
  select distinct g.account_id, g.region, t.table_name
  from gaps as g
  join collector_tables as t on g.collector in (t.collector, '*') and g.table_name in (t.table_name, '*')
  where coalesce(g.cause, 'error') not in ('service_absent', 'region_disabled', 'not_enrolled')
), read_tables as (
  select
    t.account_id,
    t.region,
    t.table_name,
    max(case when c.scope = 'organization' then 1 else 0 end) as everywhere,
    min(case when t.status = 'unread' then 0 else 1 end) as readable,
    min(case when t.status = 'unread' or f.table_name is not null then 0 else 1 end) as whole
  from table_coverage as t
  join collector_tables as k on k.table_name = t.table_name
  join collectors as c on c.collector = k.collector
  left join faulty as f
    on f.account_id = t.account_id and f.table_name = t.table_name and f.region in (t.region, 'global')
  group by t.account_id, t.region, t.table_name
), read_places as (
  -- Where each of them is looked for: in its own place, as the account's, and as anybody's.
  select
    r.table_name,
    case when p.kind = 3 then '*' else r.account_id end as account_id,
    case when p.kind = 1 then r.region else '*' end as region,
    r.account_id as read_account_id,
    r.readable,
    r.whole
  from read_tables as r
  cross join (values (1), (2), (3)) as p (kind)
  where p.kind = 1 or (p.kind = 2 and r.region <> 'global') or (p.kind = 3 and r.everywhere = 1)
), cells as (
  -- Of all that is held, and not of what is missing alone: that would name `desired` again.
  select distinct l.control_id, l.account_id, l.region
  from held as l
  join control_headers as h on h.control_id = l.control_id
), needed as (
  select c.control_id, c.account_id, c.region, t.table_name, t.subject
  from cells as c
  join control_tables as t on t.control_id = c.control_id
  where t.table_name in (select table_name from collector_tables)
), tables_answered as (
  -- Of what is judged every resource must have been read; of what is consulted the table is enough. The global cell is answered by
  -- all of its account, each other one by its own Region and what is global.
  select n.control_id, n.account_id, n.region, n.table_name,
    min(case when n.subject then r.whole else r.readable end) as whole
  from needed as n
  cross join (values (1), (2), (3), (4)) as p (kind)
  left join read_places as r
    on r.table_name = n.table_name
    and r.account_id = case when p.kind = 4 then '*' else n.account_id end
    and r.region = case p.kind when 1 then n.region when 2 then 'global' else '*' end
    and (p.kind in (1, 2) or (p.kind = 3 and n.region = 'global') or (p.kind = 4 and r.read_account_id <> n.account_id))
  group by n.control_id, n.account_id, n.region, n.table_name
), cells_answered as (
  select control_id, account_id, region, count(whole) as answered, count(*) as needed, min(whole) as whole
  from tables_answered
  group by control_id, account_id, region
), verdicts as (
  select
    m.*,
    case
      when m.is_judged then case when m.status = 'unknown' and not x.scope_complete then 'untouched' else m.status end
      when not m.known_account then 'left'
      when m.control_id = 'cells-can-be-read' and x.scope_complete then 'gone'
      when h.control_id is null and x.scope_complete and m.audited then 'retired'
      when n.control_id is null or c.answered < c.needed then 'untouched'
      when c.needed is null and x.scope_complete then 'gone'
      when c.whole = 1 and x.scope_complete then 'gone'
      when c.whole = 1 and m.region <> 'global' and h.spans is null then 'gone'
      when x.scope_complete then 'unknown'
      else 'untouched'
    end as verdict
  from matched as m
  cross join settings as x
  left join control_headers as h on h.control_id = m.control_id
  left join controls as n on n.control_id = m.control_id
  left join cells_answered as c
    on c.control_id = m.control_id and c.account_id = m.account_id and c.region = m.region
), compared as (
  select
    v.*,
    case
      when is_judged then judged_reason
      when verdict = 'gone' then 'the resource is no longer there, or no longer judged'
      when verdict = 'left' then 'the account left the organization'
      when verdict = 'retired' then 'the control is no longer in the catalogue'
      else 'could not be read in this run'
    end as said
  from verdicts as v
), due as (
  select
    c.*,
    case
      when c.verdict = 'fail' then c.content_hash
      when c.verdict = 'unknown' then 'unread: ' || coalesce(c.said, '')
      else c.verdict
    end as new_hash,
    -- Spread over sixteen days by the id, so that what was found on one day is not sent again on one day.
    c.held_at + interval '30' day + cast(strpos('0123456789abcdef', substr(c.finding_id, length(c.finding_id), 1)) - 1 as integer)
      * interval '1' day <= p.now_at as heartbeat_due,
    p.now_at,
    p.as_of
  from compared as c
  cross join publish_settings as p
), decided as (
  select
    d.*,
    case
      when verdict = 'fail' and not is_held then 'create'
      when verdict = 'fail' and (held_state = 'ARCHIVED' or held_compliance = 'PASSED') then 'reopen'
      when verdict in ('fail', 'unknown') and is_held and held_state = 'ACTIVE' and held_compliance <> 'PASSED' then case
        when held_hash is null or held_hash <> new_hash then 'update'
        when heartbeat_due then 'heartbeat'
      end
      when verdict = 'pass' and is_held and (held_hash is null or (held_state = 'ACTIVE' and held_compliance <> 'PASSED'))
        then 'resolve'
      when verdict in ('waived', 'gone', 'left', 'retired') and is_held and (held_hash is null or held_state = 'ACTIVE')
        then 'archive'
    end as action
  from due as d
)
select
  c.account_id,
  c.region,
  c.now_at as observed_at,
  c.finding_id,
  c.control_id,
  c.target_account,
  c.target_region,
  c.resource_arn,
  c.resource_type,
  c.related_arn,
  c.granularity,
  c.judged,
  c.failed,
  c.samples,
  c.sample_type,
  coalesce(c.reason, c.said) as reason,
  case c.verdict
    when 'fail' then 'FAILED'
    when 'pass' then 'PASSED'
    when 'unknown' then 'COULD_NOT_BE_READ'
    when 'waived' then 'WAIVED'
    when 'left' then 'ACCOUNT_LEFT'
    when 'retired' then 'CONTROL_RETIRED'
    else 'RESOURCE_GONE'
  end as note_code,
  c.said as note,
  c.severity,
  case
    when c.verdict = 'pass' or (c.verdict in ('gone', 'left', 'retired') and c.held_compliance = 'PASSED') then 'PASSED'
    when c.control_id = 'cells-can-be-read' then 'NOT_AVAILABLE'
    else 'FAILED'
  end as compliance,
  case when c.action = 'archive' then 'ARCHIVED' else 'ACTIVE' end as record_state,
  c.new_hash as content_hash,
  u.subscribed_at,
  coalesce(c.held_since, c.as_of) as first_observed_at,
  case when c.held_at >= c.now_at then c.held_at + interval '1' second else c.now_at end as updated_at,
  c.action,
  case
    when c.action = 'create' and c.held_at is not null then 'the hub was switched off and on again, and fails'
    when c.action = 'create' then 'fails, and the hub holds nothing'
    when c.action = 'reopen' then 'fails again'
    when c.action = 'heartbeat' then 'unchanged since 30 days or more; the hub forgets after 90'
    when c.held_hash is null then 'it is not sure what the hub holds'
    when c.verdict = 'unknown' then 'can no longer be read'
    when c.action = 'update' then 'fails otherwise than before'
    when c.verdict = 'pass' then 'passes now'
    else c.said
  end as why,
  coalesce(u.status, 'unreachable') as hub_status
from decided as c
left join hubs_now as u on u.account_id = c.target_account and u.region = c.target_region
where c.action is not null
