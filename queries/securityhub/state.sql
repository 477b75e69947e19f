-- What the hubs hold after this publication.
with answered as (
  select p.*, coalesce(o.outcome, 'unsure') as outcome
  from plan as p
  left join outcomes as o
    on o.finding_id = p.finding_id and o.target_account = p.target_account and o.target_region = p.target_region
)
select {record}
from answered
where outcome = 'accepted'
union all
select {unsure.record}
from answered
where outcome = 'unsure'
union all
select {l.record}
from live as l
left join answered as a
  on a.finding_id = l.finding_id and a.target_account = l.target_account and a.target_region = l.target_region
where not l.lost and coalesce(a.outcome, 'refused') not in ('accepted', 'unsure')
