-- Resources that the budget left out of this run and that are judged by what an earlier run read of them.
select account_id, region, table_name, resource_arn, observed_at, from_run_id
from carried_evidence
order by observed_at, account_id, region, table_name, resource_arn
