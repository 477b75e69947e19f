-- Whether a vault's policy grants what it must not. `vault_offences` is the control's own answer: every vault, once for each statement
-- and principal that offends (`certain`) or may offend, with what is to be `said` of it or the `problem` that kept the policy from being
-- understood; `otherwise` is what is said of a vault without any.
select
  account_id,
  region,
  resource_arn,
  'AwsBackupBackupVault' as resource_type,
  resource_arn as related_arn,
  case when count(case when certain then 1 end) > 0 then 'fail' when count(certain) > 0 then 'unknown' else 'pass' end as status,
  'vault ' || name || case
    when count(case when certain then 1 end) > 0 then ': ' || min(case when certain then said end)
    when count(problem) > 0 then ': its policy cannot be understood (' || min(problem) || ')'
    when count(certain) > 0 then ': ' || min(said)
    else ' ' || otherwise
  end as reason
from vault_offences
group by account_id, region, resource_arn, name, otherwise
