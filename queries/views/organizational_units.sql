-- The root and the OUs that hold the run's accounts, with the names that the lists of their policies' targets tell.
select u.ou_id, min(u.ou_path) as ou_path, min(t.target_name) as name
from account_ous as u
left join org_policy_targets as t on t.target_id = u.ou_id
group by u.ou_id
