-- Recovery points whose key is about to go or gone out of use: what is lost when it goes.
select k.arn as key_arn, k.key_state, k.deletion_date, p.account_id, p.region, p.vault_name, p.source_type,
  count(*) as recovery_points, sum(p.size_bytes) as size_bytes
from recovery_points as p
join kms_keys as k on k.arn = p.effective_key_arn
where k.key_state <> 'Enabled'
group by k.arn, k.key_state, k.deletion_date, p.account_id, p.region, p.vault_name, p.source_type
order by k.deletion_date, recovery_points desc, key_arn
