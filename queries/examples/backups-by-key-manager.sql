-- Recovery points by type and by who manages the key that a restore of them depends on.
select
  p.source_type,
  case
    when not p.encrypted then 'not encrypted'
    when p.effective_key_arn is null then coalesce(p.encryption_key_type, 'not told')
    when k.arn is null then 'a key that was not read'
    else k.key_manager
  end as key_manager,
  count(*) as recovery_points,
  sum(p.size_bytes) as size_bytes
from judged_points as p
left join kms_keys as k on k.arn = p.effective_key_arn
group by 1, 2
order by 1, 2
