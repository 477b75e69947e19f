-- What the hubs hold after the newest publication that ended, and what one that did not end may have sent since.
with doubtful as (
  select {unsure.record}
  from (
    select
      p.*,
      row_number() over (
        partition by p.finding_id, p.target_account, p.target_region order by p.attempt desc
      ) as place
    from plans_before as p
    where p.hub_status in ('on', 'unverified')
  ) as ranked
  where place = 1
)
select {s.record}
from state_before as s
left join doubtful as d
  on d.finding_id = s.finding_id and d.target_account = s.target_account and d.target_region = s.target_region
where d.finding_id is null
union all
select {record} from doubtful
