-- Copy actions whose destination is an account that the organization does not know.
select c.account_id, c.region, r.rule_name, c.destination_account_id, c.destination_region, c.destination_vault_arn
from backup_plan_copy_actions as c
left join backup_plan_rules as r
  on r.account_id = c.account_id and r.region = c.region and r.plan_arn = c.plan_arn and r.rule_id = c.rule_id
left join trusted_accounts as t on t.trusted_account_id = c.destination_account_id
where t.trusted_account_id is null
order by c.account_id, c.region, c.destination_vault_arn
