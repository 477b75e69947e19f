-- title: EBS snapshots outlive their deletion
-- family: immutability
-- severity: low
-- requirement: REL09-BP02
-- subject: ebs_snapshots
-- evidence: ebs_locked_snapshots, recycle_bin_rules, recycle_bin_rule_tags
-- rationale: A snapshot that is neither locked nor kept by the Recycle Bin is gone the moment that someone, or
--   someone's script, deletes it.
-- remediation: Make a Region-wide Recycle Bin rule for EBS snapshots and lock it, or lock the snapshots that matter.
-- references: https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin.html,
--   https://docs.aws.amazon.com/ebs/latest/userguide/ebs-snapshot-lock.html
with tag_matches as (
  select
    s.account_id,
    s.region,
    s.arn,
    r.arn as rule_arn,
    r.retention_days,
    t.purpose,
    strpos(coalesce(s.tags, ''), '{' || t.tag_json) + strpos(coalesce(s.tags, ''), ',' || t.tag_json) > 0 as possible,
    -- What a rule that names a key alone takes besides the empty value is not documented.
    strpos(coalesce(s.tags, ''), '{' || t.tag_json || case when t.tag_value is null then '"' else '' end)
      + strpos(coalesce(s.tags, ''), ',' || t.tag_json || case when t.tag_value is null then '"' else '' end) > 0 as certain
  from ebs_snapshots as s
  join recycle_bin_rules as r
    on r.account_id = s.account_id and r.region = s.region and r.resource_type = 'EBS_SNAPSHOT' and r.status = 'available'
  left join recycle_bin_rule_tags as t
    on t.account_id = r.account_id and t.region = r.region and t.rule_arn = r.arn
), rules as (
  select
    account_id,
    region,
    arn,
    retention_days,
    -- A rule without tags to include covers the Region.
    (count(case when purpose = 'include' then 1 end) = 0 or count(case when purpose = 'include' and possible then 1 end) > 0)
      and count(case when purpose = 'exclude' and certain then 1 end) = 0 as may_cover,
    (count(case when purpose = 'include' then 1 end) = 0 or count(case when purpose = 'include' and certain then 1 end) > 0)
      and count(case when purpose = 'exclude' and possible then 1 end) = 0 as covers
  from tag_matches
  group by account_id, region, arn, rule_arn, retention_days
), kept as (
  select account_id, region, arn, max(case when covers then coalesce(retention_days, 0) end) as days
  from rules
  where may_cover
  group by account_id, region, arn
)
select
  s.account_id,
  s.region,
  s.arn as resource_arn,
  'AwsEc2Snapshot' as resource_type,
  cast(null as varchar) as related_arn,
  case when l.arn is not null or k.days is not null then 'pass' when k.arn is not null then 'unknown' else 'fail' end as status,
  'snapshot ' || coalesce(s.snapshot_id, '?') || case
    when l.arn is not null then ' is locked (' || l.lock_state || ')'
    when k.days is not null then ' would stay in the Recycle Bin for ' || cast(k.days as varchar) || ' days'
    when k.arn is not null then ' has a tag of a key that a Recycle Bin rule names without a value'
    else ' is neither locked nor covered by a Recycle Bin rule'
  end as reason
from ebs_snapshots as s
left join ebs_locked_snapshots as l
  on l.account_id = s.account_id and l.region = s.region and l.arn = s.arn
  and l.lock_state in ('compliance', 'compliance-cooloff', 'governance')
left join kept as k on k.account_id = s.account_id and k.region = s.region and k.arn = s.arn
where not coalesce(s.made_by_aws_backup, false)
