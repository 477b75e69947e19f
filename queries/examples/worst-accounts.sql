-- Accounts by their score, the worst first, with the bounds that the unread part leaves.
select s.group_id as account_id, a.name, s.value, s.low, s.high, s.coverage, s.failed, s.unknown
from scores as s
left join accounts as a on a.account_id = s.group_id
where s.group_type = 'account'
order by s.value, s.group_id
