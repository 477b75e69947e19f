-- title: Recovery points are kept long enough
-- family: immutability
-- severity: medium
-- requirement: REL09-BP02
-- subject: recovery_points
-- rationale: An intrusion is often found weeks later; a backup that is deleted before that day cannot undo it.
-- remediation: Give the plan's rule a longer retention. Points that exist keep theirs until UpdateRecoveryPointLifecycle changes it.
-- references: Config:BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK,
--   BackupAuditManager:BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
-- granularity: source
with kept as (
  select
    p.*,
    -- AWS Backup writes -1 for points that are never deleted, or nothing.
    coalesce(p.delete_after_days, -1) < 0 as for_ever,
    -- A continuous backup cannot be kept longer than 35 days.
    case
      when p.arn like '%:recovery-point:continuous:%' then least(coalesce(s.min_retention_days, 35), 35)
      else coalesce(s.min_retention_days, 35)
    end as required_days
  from judged_points as p
  cross join settings as s
)
select
  account_id,
  region,
  arn as resource_arn,
  'AwsBackupRecoveryPoint' as resource_type,
  source_arn as related_arn,
  case
    when delete_after_event = 'DELETE_AFTER_COPY' or for_ever or delete_after_days >= required_days then 'pass'
    else 'fail'
  end as status,
  'the recovery point is ' || case
    when delete_after_event = 'DELETE_AFTER_COPY' then 'deleted once its copy is in an air-gapped vault, as intended'
    when for_ever then 'kept for ever'
    else 'kept for ' || cast(delete_after_days as varchar) || ' days'
  end || '; required: ' || cast(required_days as varchar) as reason
from kept
