-- Recovery points that are judged: parents are judged by their members.
select *
from recovery_points
where not coalesce(is_parent, false)
  and coalesce(status, '') not in ('DELETING', 'CREATING')
