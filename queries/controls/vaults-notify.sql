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
-- spans: accounts
with needs as (
  -- A job is completed in whichever way it ends; events of the very failure are deprecated, and are not sent.
  select 'backup_job_failed' as kind, 'BACKUP_JOB_COMPLETED' as event
  union all
  select 'copy_job_failed' as kind, 'COPY_JOB_FAILED' as event
  union all
  select 'recovery_point_modified' as kind, 'RECOVERY_POINT_MODIFIED' as event
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
), heard as (
  select v.account_id, v.region, v.arn, w.kind, max(case t.answer when 'yes' then 2 when 'unknown' then 1 else 0 end) as answer
  from judged_vaults as v
  cross join needs as w
  left join told as t
    on t.account_id = v.account_id and t.region = v.region and t.vault_arn = v.arn and t.kind = w.kind
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
  h.arn as related_arn,
  case w.answer when 2 then 'pass' when 0 then 'fail' else 'unknown' end as status,
  case w.answer
    when 2 then 'somebody hears of failed backups, failed copies and modified recovery points'
    else case w.answer when 0 then 'nobody hears of ' else 'it is not known whether anybody hears of ' end || replace(trim(
      coalesce(max(case when h.kind = 'backup_job_failed' and h.answer = w.answer then h.kind end) || ' ', '')
      || coalesce(max(case when h.kind = 'copy_job_failed' and h.answer = w.answer then h.kind end) || ' ', '')
      || coalesce(max(case when h.kind = 'recovery_point_modified' and h.answer = w.answer then h.kind end), '')), ' ', ', ')
  end as reason
from heard as h
join worst as w on w.account_id = h.account_id and w.region = h.region and w.arn = h.arn
group by h.account_id, h.region, h.arn, w.answer
