-- Controls by how much they take from the score: their weight times the share that fails.
select
  c.control_id,
  c.severity,
  c.title,
  s.value,
  s.failed,
  s.unknown,
  c.weight * (1 - s.value) as points_lost
from controls as c
join scores as s on s.group_type = 'control' and s.group_id = c.control_id
where s.value is not null
order by points_lost desc, c.control_id
