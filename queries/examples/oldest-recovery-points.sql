-- The oldest recovery points that nothing will ever delete: what retention was forgotten?
select account_id, region, vault_name, source_type, source_arn, arn, created_at, size_bytes
from recovery_points
where delete_after_days is null and delete_at is null
order by created_at, account_id, region, arn
limit 100
