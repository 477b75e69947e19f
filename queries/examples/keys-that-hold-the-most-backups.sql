-- The keys that most backups hang on, in which account they are, and in which state.
select
  b.key_arn,
  nullif(split_part(b.key_arn, ':', 5), '') as key_account_id,
  k.key_manager,
  k.key_state,
  sum(b.recovery_points) as recovery_points,
  sum(b.ebs_snapshots + b.rds_backups + b.other_backups) as other_backups,
  count(distinct b.account_id) as accounts
from backup_keys as b
left join kms_keys as k on k.arn = b.key_arn
group by b.key_arn, k.key_manager, k.key_state
order by sum(b.recovery_points) desc, b.key_arn
