-- title: Few can read what backups hold
-- family: separation
-- severity: medium
-- requirement: REL09-BP02
-- subject: principals, principal_powers, backup_readers, backup_vaults, backup_plan_rules, backup_plan_copy_actions, s3_buckets,
--   s3_replication_rules, rds_export_tasks, dynamodb_exports
-- rationale: A backup holds all that the data store held. Who reads it block by block, exports it, decrypts it or reads it as
--   objects, reads the data past everything that guards the data store, and leaves no trace there.
-- remediation: Take these powers from all but roles that restore and cannot change data or backups, give vaults keys of their own
--   that no application may decrypt with, and name who must keep them under backup_data_readers.
-- references: https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_backing_up_data_secured_backups_data.html,
--   https://docs.aws.amazon.com/ebs/latest/userguide/ebs-accessing-snapshot.html,
--   https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ExportSnapshot.html
-- spans: accounts
with held as (
  select
    account_id,
    principal_arn,
    -- What keys and buckets hold is told by backup_readers: of most of them it is no backup.
    min(case when power = 'read_backup_data' and kind_of_thing not in ('key', 'object') then service || ' ' || kind_of_thing end) as reads,
    count(case when power = 'restore' then 1 end) as restores,
    count(case when power in ('destroy_data', 'write_data', 'destroy_backups') then 1 end) as changes
  from held_powers
  group by account_id, principal_arn
), things as (
  select 'key' as kind, nullif(split_part(encryption_key_arn, ':', 5), '') as account_id, encryption_key_arn as arn
  from judged_vaults
  union all
  select 'bucket', account_id, arn
  from backup_buckets
), opened as (
  select
    r.account_id,
    r.principal_arn,
    count(distinct case when t.kind = 'key' then t.arn end) as vault_keys,
    count(distinct case when t.kind = 'bucket' then t.arn end) as buckets,
    min(t.arn) as example
  from backup_readers as r
  join things as t
    on t.kind = r.kind and t.account_id = r.account_id and r.thing_arn in ('*', t.arn)
  cross join settings as s
  where r.decision = 'allowed' or coalesce(s.conditional_powers, 'allowed') = 'allowed'
  group by r.account_id, r.principal_arn
)
select
  j.account_id,
  j.region,
  j.arn as resource_arn,
  j.resource_type,
  cast(null as varchar) as related_arn,
  case when j.spared is not null or j.backup_data_reader or (h.restores > 0 and h.changes = 0) then 'pass' else 'fail' end as status,
  j.name || ' can read backups' || coalesce(': it can read or export ' || h.reads, '')
    || coalesce(': of keys of vaults it can decrypt with ' || cast(o.vault_keys as varchar)
      || ', of buckets of backups it can read ' || cast(o.buckets as varchar) || ', such as ' || o.example, '') || case
    when j.spared is not null then '; ' || j.spared
    when j.backup_data_reader then '; the settings name it'
    when h.restores > 0 and h.changes = 0 then '; it restores, and cannot change data or backups'
    else ''
  end as reason
from judged_principals as j
left join held as h
  on h.account_id = j.account_id and h.principal_arn = j.arn
left join opened as o
  on o.account_id = j.account_id and o.principal_arn = j.arn
where h.reads is not null or o.principal_arn is not null
