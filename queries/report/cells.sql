-- How an account's Regions were read: whole, in part, not at all; and which are switched off.
select
  account_id,
  region,
  case
    when bool_and(status = 'not_applicable') then 'not_applicable'
    when bool_and(status in ('complete', 'not_applicable')) then 'complete'
    when bool_and(status in ('unread', 'not_applicable')) then 'unread'
    else 'partial'
  end as status
from cell_coverage
where region <> 'global' and status <> 'not_requested'
group by account_id, region
