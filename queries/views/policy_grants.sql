-- What policies of resources grant and deny, one row for each statement and principal.
select
  account_id,
  region,
  resource_arn,
  resource_kind,
  effect,
  statement,
  principal,
  principal_kind,
  principal_account_id,
  relation,
  confined,
  condition_keys,
  leaves_account,
  actions,
  all_actions_but,
  resources,
  problem
from vault_policy_grants
union all
select
  account_id,
  region,
  resource_arn,
  resource_kind,
  effect,
  statement,
  principal,
  principal_kind,
  principal_account_id,
  relation,
  confined,
  condition_keys,
  leaves_account,
  actions,
  all_actions_but,
  resources,
  problem
from key_policy_grants
union all
select
  account_id,
  region,
  resource_arn,
  resource_kind,
  effect,
  statement,
  principal,
  principal_kind,
  principal_account_id,
  relation,
  confined,
  condition_keys,
  leaves_account,
  actions,
  all_actions_but,
  resources,
  problem
from bucket_policy_grants
union all
select
  account_id,
  region,
  resource_arn,
  resource_kind,
  effect,
  statement,
  principal,
  principal_kind,
  principal_account_id,
  relation,
  confined,
  condition_keys,
  leaves_account,
  actions,
  all_actions_but,
  resources,
  problem
from file_system_policy_grants
union all
select
  account_id,
  region,
  resource_arn,
  resource_kind,
  effect,
  statement,
  principal,
  principal_kind,
  principal_account_id,
  relation,
  confined,
  condition_keys,
  leaves_account,
  actions,
  all_actions_but,
  resources,
  problem
from table_policy_grants
