-- Every rule of every plan: how often it runs, how long it keeps, where it copies to.
select
  r.account_id,
  r.region,
  p.name as plan,
  r.rule_name,
  r.schedule_expression,
  r.schedule_timezone,
  r.target_vault_name,
  r.delete_after_days,
  r.continuous_backup,
  c.destination_vault_arn,
  c.delete_after_days as copy_delete_after_days
from backup_plan_rules as r
left join backup_plans as p
  on p.account_id = r.account_id and p.region = r.region and p.arn = r.plan_arn
left join backup_plan_copy_actions as c
  on c.account_id = r.account_id and c.region = r.region and c.plan_arn = r.plan_arn and c.rule_id = r.rule_id
order by r.account_id, r.region, p.name, r.rule_name, c.destination_vault_arn
