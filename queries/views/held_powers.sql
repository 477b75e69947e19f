-- Powers as they count: by the settings one that hangs on a condition counts as held, or not.
select p.account_id, p.principal_arn, p.power, p.service, p.kind_of_thing, p.extent, p.actions
from principal_powers as p
cross join settings as s
where p.decision = 'allowed' or coalesce(s.conditional_powers, 'allowed') = 'allowed'
