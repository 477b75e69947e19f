-- Everything that this run could not read, and why: the places where its answers are unknown.
select g.account_id, a.name, g.region, g.collector, g.table_name, g.resource_arn, g.operation, g.cause, g.detail
from gaps as g
left join accounts as a on a.account_id = g.account_id
where g.cause not in ('service_absent', 'region_disabled', 'not_enrolled')
order by g.account_id, g.region, g.collector, g.table_name, g.resource_arn
