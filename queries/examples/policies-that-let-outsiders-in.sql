-- Statements of policies of vaults, keys, buckets, file systems and tables that let in someone outside the organization and the trusted accounts, or may do so.
select account_id, region, resource_kind, resource_arn, statement, principal, relation, confined, condition_keys, actions, problem
from policy_grants
where coalesce(effect, 'Allow') = 'Allow'
  and relation in ('public', 'outside', 'unknown')
  and confined <> 'yes'
order by confined, account_id, region, resource_arn, statement
