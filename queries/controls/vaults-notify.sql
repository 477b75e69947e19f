-- title: Somebody hears of failed backups, failed copies and modified recovery points
-- family: detection
-- severity: medium
-- requirement: REL09-BP02
-- subject: backup_vaults, backup_plan_rules, backup_plan_copy_actions
-- evidence: backup_vault_notifications@related_arn, event_coverage, sns_topics, cloudtrail_trails
-- rationale: A backup that has failed for weeks is noticed when it is needed.
-- remediation: Have the vault notify a topic that somebody subscribes to of BACKUP_JOB_COMPLETED, COPY_JOB_FAILED and
--   RECOVERY_POINT_MODIFIED (BACKUP_JOB_FAILED is no longer sent), or make an EventBridge rule with a target.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-notifications.html,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultNotifications.html,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
-- granularity: vault
-- verdict: heard-events
-- spans: accounts
with needs as (
  -- A job is completed in whichever way it ends; events of the very failure are deprecated, and are not sent.
  select 1 as place, 'backup_job_failed' as kind, 'BACKUP_JOB_COMPLETED' as event
  union all
  select 2, 'copy_job_failed', 'COPY_JOB_FAILED'
  union all
  select 3, 'recovery_point_modified', 'RECOVERY_POINT_MODIFIED'
), told as (
  select
    n.account_id,
    n.region,
    n.vault_arn,
    w.kind,
    case
      when t.arn is null or t.subscriptions_confirmed = 0 then 'no'
      when t.subscriptions_confirmed is null then 'unknown'
      else 'yes'
    end as answer
  from backup_vault_notifications as n
  join needs as w on w.event = n.event
  left join sns_topics as t
    on t.account_id = n.account_id and t.region = n.region and t.arn = n.sns_topic_arn
  union all
  select account_id, region, vault_arn, kind, answer from event_alerts
)
select
  v.account_id,
  v.region,
  v.arn as resource_arn,
  v.arn as related_arn,
  n.place,
  n.kind,
  t.answer,
  'failed backups, failed copies and modified recovery points' as events
from judged_vaults as v
cross join needs as n
left join told as t
  on t.account_id = v.account_id and t.region = v.region and t.vault_arn = v.arn and t.kind = n.kind
