-- title: Tampering with backups raises an event
-- family: detection
-- severity: high
-- requirement: REL09-BP02
-- subject: backup_vaults, backup_plan_rules, backup_plan_copy_actions
-- evidence: event_coverage, sns_topics, cloudtrail_trails
-- rationale: Whoever prepares to destroy the data begins with its backups: deletes points, removes locks, opens vault policies.
--   It has to be noticed while something is left.
-- remediation: Make an EventBridge rule for DeleteRecoveryPoint, DeleteBackupVaultLockConfiguration, PutBackupVaultAccessPolicy
--   and DeleteBackupVaultAccessPolicy whose target somebody watches, or that passes them on to a trusted account's bus; such
--   events come only where a trail records them.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html,
--   https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-backup.html,
--   https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
-- granularity: vault
-- spans: accounts
with needs as (
  select 'recovery_point_deleted' as kind
  union all
  select 'vault_lock_removed' as kind
  union all
  select 'vault_policy_replaced' as kind
  union all
  select 'vault_policy_removed' as kind
), heard as (
  select v.account_id, v.region, v.arn, w.kind, max(case a.answer when 'yes' then 2 when 'unknown' then 1 else 0 end) as answer
  from judged_vaults as v
  cross join needs as w
  left join event_alerts as a
    on a.account_id = v.account_id and a.region = v.region and a.vault_arn = v.arn and a.kind = w.kind
  group by v.account_id, v.region, v.arn, w.kind
), worst as (
  select account_id, region, arn, min(answer) as answer
  from heard
  group by account_id, region, arn
)
select
  h.account_id,
  h.region,
  h.arn as resource_arn,
  'AwsBackupBackupVault' as resource_type,
  cast(null as varchar) as related_arn,
  case w.answer when 2 then 'pass' when 0 then 'fail' else 'unknown' end as status,
  case w.answer
    when 2 then 'somebody hears of deleted points, removed locks and changed policies'
    else case w.answer when 0 then 'nobody hears of ' else 'it is not known whether anybody hears of ' end || replace(trim(
      coalesce(max(case when h.kind = 'recovery_point_deleted' and h.answer = w.answer then h.kind end) || ' ', '')
      || coalesce(max(case when h.kind = 'vault_lock_removed' and h.answer = w.answer then h.kind end) || ' ', '')
      || coalesce(max(case when h.kind = 'vault_policy_replaced' and h.answer = w.answer then h.kind end) || ' ', '')
      || coalesce(max(case when h.kind = 'vault_policy_removed' and h.answer = w.answer then h.kind end), '')), ' ', ', ')
  end as reason
from heard as h
join worst as w on w.account_id = h.account_id and w.region = h.region and w.arn = h.arn
group by h.account_id, h.region, h.arn, w.answer
