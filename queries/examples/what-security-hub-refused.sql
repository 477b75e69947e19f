-- What Security Hub did not take of what a run had to say, and why.
select
  p.target_account,
  p.target_region,
  p.outcome,
  p.error_code,
  min(p.error_message) as example,
  count(*) as findings
from publications as p
where p.outcome <> 'accepted'
group by p.target_account, p.target_region, p.outcome, p.error_code
order by findings desc, p.target_account, p.target_region
