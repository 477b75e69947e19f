-- title: Snapshot policies encrypt the copies that they make
-- family: encryption
-- severity: high
-- requirement: REL09-BP02
-- subject: dlm_policies, dlm_copy_rules
-- rationale: A copy rule that does not encrypt leaves copies of unencrypted snapshots unencrypted, unless the
--   target Region happens to encrypt by default.
-- remediation: Turn encryption on in every cross-Region copy rule of the policy, with a key of the target Region.
-- references: https://docs.aws.amazon.com/dlm/latest/APIReference/API_CrossRegionCopyRule.html
with rules as (
  select
    account_id,
    region,
    policy_arn,
    count(*) as total,
    count(case when not encrypted then 1 end) as clear,
    count(case when encrypted is null then 1 end) as unsaid,
    min(case when not encrypted then coalesce(target, '?') end) as clear_target
  from dlm_copy_rules
  group by account_id, region, policy_arn
)
select
  p.account_id,
  p.region,
  p.arn as resource_arn,
  'AwsDlmLifecyclePolicy' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when r.clear > 0 then 'fail'
    when r.unsaid > 0 then 'unknown'
    else 'pass'
  end as status,
  'of ' || cast(r.total as varchar) || ' copy rules, ' || case
    when r.clear > 0 then cast(r.clear as varchar) || ' not encrypting, one of them to ' || r.clear_target
    when r.unsaid > 0 then cast(r.unsaid as varchar) || ' not telling whether they encrypt'
    else 'all encrypt'
  end as reason
from dlm_policies as p
join rules as r
  on r.account_id = p.account_id and r.region = p.region and r.policy_arn = p.arn
-- A default policy cannot say how its copies are encrypted: the target Region's encryption by default decides.
where coalesce(p.state, 'ENABLED') = 'ENABLED' and not coalesce(p.default_policy, false)
