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
-- Sums of doubles differ in their last digits from engine to engine.
order by round(c.weight * (1 - s.value), 9) desc, c.control_id
