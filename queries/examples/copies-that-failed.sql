-- Copy jobs of the last weeks that did not complete, by vault and destination.
select account_id, region, source_vault_arn, destination_vault_arn, resource_type, state, count(*) as jobs
from backup_copy_jobs
where state in ('FAILED', 'PARTIAL')
group by account_id, region, source_vault_arn, destination_vault_arn, resource_type, state
order by jobs desc, account_id, region, source_vault_arn, destination_vault_arn, resource_type, state
