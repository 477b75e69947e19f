-- title: Service control policies keep backups from being tampered with
-- family: guardrails
-- severity: high
-- requirement: REL09-BP02
-- subject: account_guardrails
-- rationale: What an account's own policies forbid, its administrators can allow again. A service control policy holds against
--   them too, root included.
-- remediation: Attach a service control policy to the root or to OUs that denies deleting recovery points, removing vault locks
--   and scheduling the deletion of keys to all but a role of the backup team.
-- references: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
with accounts_guarded as (
  select
    account_id,
    region,
    case
      when count(case when covered = 'no' then 1 end) > 0 then 'fail'
      when count(case when covered = 'unknown' then 1 end) > 0 then 'unknown'
      else 'pass'
    end as status,
    coalesce(max(case when covered = 'no' and action = 'backup:DeleteRecoveryPoint' then ' deleting recovery points' end), '')
      || coalesce(max(case when covered = 'no' and action = 'backup:DeleteBackupVaultLockConfiguration' then ' removing vault locks' end), '')
      || coalesce(max(case when covered = 'no' and action = 'kms:ScheduleKeyDeletion' then ' deleting keys' end), '') as missing,
    max(exempt) as exempt
  from account_guardrails
  group by account_id, region
), closed as (
  select distinct account_id
  from gaps
  where region = 'global' and table_name = '*' and collector = '*'
)
select
  g.account_id,
  g.region,
  'AWS::::Account:' || g.account_id as resource_arn,
  'AwsAccount' as resource_type,
  cast(null as varchar) as related_arn,
  g.status,
  case g.status
    when 'fail' then 'no service control policy on its path keeps everyone from' || g.missing
    when 'unknown' then 'what the service control policies on its path deny cannot be told'
    else 'service control policies deny tampering to all but ' || g.exempt
  end as reason
from accounts_guarded as g
left join closed as c on c.account_id = g.account_id
where c.account_id is null
