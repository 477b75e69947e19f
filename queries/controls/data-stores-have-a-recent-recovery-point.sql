-- title: Protected data stores have a recent recovery point
-- family: recoverability
-- severity: high
-- requirement: REL09-BP02
-- subject: data_stores, protected_by
-- evidence: recovery_points, ebs_snapshots
-- rationale: A plan whose jobs fail, or never start, protects nothing; only the recovery point shows that it ran.
-- remediation: Look at the backup jobs of the resource for failures (role, key, opt-in, window) and start one on
--   demand.
-- references: Config:EBS_LAST_BACKUP_RECOVERY_POINT_CREATED, Config:RDS_LAST_BACKUP_RECOVERY_POINT_CREATED,
--   Config:AURORA_LAST_BACKUP_RECOVERY_POINT_CREATED, Config:DYNAMODB_LAST_BACKUP_RECOVERY_POINT_CREATED,
--   Config:EFS_LAST_BACKUP_RECOVERY_POINT_CREATED, Config:FSX_LAST_BACKUP_RECOVERY_POINT_CREATED,
--   Config:S3_LAST_BACKUP_RECOVERY_POINT_CREATED, BackupAuditManager:BACKUP_LAST_RECOVERY_POINT_CREATED,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/monitoring.html
with points as (
  select account_id, region, source_arn, max(created_at) as newest, max(case when status = 'AVAILABLE' then 1 else 0 end) as running
  from recovery_points
  where coalesce(status, '') in ('COMPLETED', 'AVAILABLE')
  group by account_id, region, source_arn
), snapshots as (
  select account_id, region, volume_id, max(started_at) as newest
  from ebs_snapshots
  where coalesce(state, '') = 'completed'
  group by account_id, region, volume_id
), judged as (
  select
    s.account_id,
    s.region,
    s.arn,
    s.finding_type,
    max(case
      when n.newest >= p.recent_since or (p.continuous and n.running = 1) then 1
      when p.kind = 'dlm' and e.newest >= p.recent_since then 1
      else 0
    end) as recent,
    max(case when s.created_at >= p.recent_since then 1 else 0 end) as new,
    count(p.recent_since) as dated,
    count(coalesce(n.newest, e.newest)) as found,
    min(p.interval_hours) as interval_hours
  from data_stores as s
  join protected_by as p
    on p.account_id = s.account_id and p.region = s.region and p.resource_arn = s.arn
  left join points as n
    on n.account_id = s.account_id and n.region = s.region and n.source_arn = coalesce(p.through_arn, s.arn)
  left join snapshots as e
    on e.account_id = s.account_id and e.region = s.region
    and e.volume_id = case when s.resource_type = 'EBS' then s.name end
  group by s.account_id, s.region, s.arn, s.finding_type
)
select
  account_id,
  region,
  arn as resource_arn,
  finding_type as resource_type,
  cast(null as varchar) as related_arn,
  case
    when recent = 1 or new = 1 then 'pass'
    when dated = 0 then 'unknown'
    else 'fail'
  end as status,
  case
    when recent = 1 then 'has a recovery point as recent as its plan asks'
    when new = 1 then 'is so new that its first recovery point is not due'
    when dated = 0 then 'the schedule of its plan cannot be told'
    when found = 0 then 'has no recovery point'
    else 'its newest recovery point is older than twice the pause of its plan'
  end || coalesce(' (every ' || cast(interval_hours as varchar) || ' hours at most)', '') as reason
from judged
