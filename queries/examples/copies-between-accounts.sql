-- Where copies of backups go: from account and Region to account and Region, with how many points lie there.
select
  nullif(split_part(source_vault_arn, ':', 5), '') as from_account_id,
  nullif(split_part(source_vault_arn, ':', 4), '') as from_region,
  account_id as to_account_id,
  region as to_region,
  vault_name as to_vault,
  count(*) as recovery_points,
  sum(size_bytes) as size_bytes
from recovery_points
where source_vault_arn is not null
group by 1, 2, 3, 4, 5
order by recovery_points desc, 1, 2, 3, 4, 5
