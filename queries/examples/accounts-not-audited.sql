-- Accounts of the organization that this run did not audit, and why.
select account_id, name, state, not_audited_reason, ou_path
from accounts
where not audited
order by account_id
