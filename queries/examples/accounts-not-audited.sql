-- Accounts of the organization that this run did not audit, and why.
select a.account_id, a.name, a.state, a.not_audited_reason, a.ou_path, u.name as ou_name
from accounts as a
left join organizational_units as u on u.ou_path = a.ou_path
where not a.audited
order by a.account_id
