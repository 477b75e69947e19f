-- Data stores that no plan protects, or whose plan made no recovery point in time: the worst accounts first.
select f.account_id, a.name as account, f.region, f.control_id, f.resource_type, f.resource_arn, f.reason
from findings as f
left join accounts as a on a.account_id = f.account_id
where f.control_id in ('data-stores-are-in-a-backup-plan', 'data-stores-have-a-recent-recovery-point')
  and f.status = 'fail'
order by f.account_id, f.region, f.resource_arn, f.control_id
