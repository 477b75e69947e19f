-- The organization that the run's accounts are in: `o-…`, out of their ARNs. No row for a stand-alone account.
select distinct coalesce(split_part(arn, '/', 2), '') as organization_id
from accounts
where coalesce(split_part(arn, '/', 2), '') <> ''
