-- title: CloudTrail records the calls to AWS Backup
-- family: detection
-- severity: high
-- requirement: REL09-BP02
-- subject: cloudtrail_trails
-- rationale: Without a record in every Region that cannot be changed unseen, nobody can say who deleted a backup, or when; nor
--   do such calls raise events.
-- remediation: Make an organization's trail that records the write management events of all Regions, with log file validation.
-- references: SecurityHub:CloudTrail.1, SecurityHub:CloudTrail.4, Config:MULTI_REGION_CLOUD_TRAIL_ENABLED,
--   Config:CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED,
--   Prowler:cloudtrail_multi_region_enabled_logging_management_events, Prowler:cloudtrail_log_file_validation_enabled,
--   https://docs.aws.amazon.com/aws-backup/latest/devguide/logging-using-cloudtrail.html
-- spans: accounts
with weighed as (
  select
    account_id,
    name,
    case
      when not multi_region then 'records in one Region only'
      when not is_logging then 'is stopped'
      when management_events in ('read', 'none') then 'records no writing calls to AWS Backup'
      when not log_file_validation then 'does not validate its log files'
      when multi_region is null or is_logging is null or management_events is null or log_file_validation is null
        then 'does not tell all that it records'
      else 'records'
    end as verdict
  from trails
), best as (
  select
    account_id,
    count(*) as trails,
    count(case when verdict = 'does not tell all that it records' then 1 end) as untold,
    min(case when verdict = 'records' then name end) as recording,
    min('trail ' || coalesce(name, '?') || ' ' || verdict) as example
  from weighed
  group by account_id
), readable as (
  select account_id
  from table_coverage
  where table_name = 'cloudtrail_trails' and status = 'complete'
  group by account_id
), unread as (
  select account_id, count(*) as trails, min(coalesce(cause, 'error')) as cause
  from gaps
  where table_name = 'cloudtrail_trails' and resource_arn is not null
  group by account_id
)
select
  a.account_id,
  'global' as region,
  'AWS::::Account:' || a.account_id as resource_arn,
  'AwsAccount' as resource_type,
  cast(null as varchar) as related_arn,
  case when b.recording is not null then 'pass' when b.untold > 0 or u.trails > 0 then 'unknown' else 'fail' end as status,
  case
    when b.recording is not null then 'trail ' || b.recording || ' records write management events of all Regions, with validation'
    when u.trails > 0 then cast(u.trails as varchar) || ' trail(s) could not be read (' || u.cause || ')'
    else 'no trail records write management events of all Regions, with validation: '
      || coalesce(b.example, 'there is none')
  end as reason
from accounts as a
join readable as c on c.account_id = a.account_id
left join best as b on b.account_id = a.account_id
left join unread as u on u.account_id = a.account_id
where a.audited
