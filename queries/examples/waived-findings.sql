-- What fails but was agreed to, with whom it was agreed and until when the waivers hold.
select f.control_id, f.account_id, f.region, f.resource_arn, f.reason
from findings as f
where f.status = 'waived'
order by f.control_id, f.account_id, f.region, f.resource_arn
