-- How many findings of each status a control has in an account.
select
  account_id,
  control_id,
  status,
  count(*) as n
from findings
group by account_id, control_id, status
