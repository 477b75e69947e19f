-- title: Snapshot policies share only with trusted accounts
-- family: sharing
-- severity: high
-- requirement: REL09-BP02
-- subject: dlm_policies, dlm_share_rules
-- rationale: A share rule hands every new snapshot to the accounts that it names, long after anyone looks at it.
-- remediation: Take the account out of the policy's share rules, and unshare the snapshots that it made; or name
--   the account under trusted_accounts when it is meant to read them.
-- references: https://docs.aws.amazon.com/dlm/latest/APIReference/API_ShareRule.html
with shares as (
  select
    r.account_id,
    r.region,
    r.policy_arn,
    count(distinct r.shared_with_account_id) as total,
    count(distinct case when t.trusted_account_id is null then r.shared_with_account_id end) as untrusted,
    min(case when t.trusted_account_id is null then r.shared_with_account_id end) as first_untrusted
  from dlm_share_rules as r
  left join trusted_accounts as t on t.trusted_account_id = r.shared_with_account_id
  group by r.account_id, r.region, r.policy_arn
)
select
  p.account_id,
  p.region,
  p.arn as resource_arn,
  'AwsDlmLifecyclePolicy' as resource_type,
  cast(null as varchar) as related_arn,
  case when s.untrusted > 0 then 'fail' else 'pass' end as status,
  'of ' || cast(s.total as varchar) || ' accounts that it shares with, ' || case
    when s.untrusted > 0 then cast(s.untrusted as varchar) || ' not trusted: ' || s.first_untrusted
      || case when s.untrusted > 1 then ' and others' else '' end
    else 'all are trusted'
  end as reason
from dlm_policies as p
join shares as s
  on s.account_id = p.account_id and s.region = p.region and s.policy_arn = p.arn
where coalesce(p.state, 'ENABLED') = 'ENABLED'
