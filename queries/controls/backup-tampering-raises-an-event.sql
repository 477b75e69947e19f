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
-- verdict: heard-events
-- spans: accounts
with needs as (
  select 1 as place, 'recovery_point_deleted' as kind
  union all
  select 2, 'vault_lock_removed'
  union all
  select 3, 'vault_policy_replaced'
  union all
  select 4, 'vault_policy_removed'
)
select
  v.account_id,
  v.region,
  v.arn as resource_arn,
  cast(null as varchar) as related_arn,
  n.place,
  n.kind,
  a.answer,
  'deleted points, removed locks and changed policies' as events
from judged_vaults as v
cross join needs as n
left join event_alerts as a
  on a.account_id = v.account_id and a.region = v.region and a.vault_arn = v.arn and a.kind = n.kind
