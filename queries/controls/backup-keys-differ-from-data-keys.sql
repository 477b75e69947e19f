-- title: Backup keys differ from data keys
-- family: keys
-- severity: medium
-- requirement: REL09-BP02
-- subject: backup_vaults, backup_plan_rules, backup_plan_copy_actions
-- evidence: data_stores, s3_bucket_encryption
-- rationale: One key for the data and for its backups means that losing or deleting it loses both at once, and that
--   whoever may read the data may read every backup of it.
-- remediation: Make a vault with a key of its own, point the plans at it, and copy over what must be kept.
-- references: https://docs.aws.amazon.com/wellarchitected/latest/framework/rel_backing_up_data_secured_backups_data.html
with data_keys as (
  -- Of buckets, data_stores has the key that an alias stands for, where it could be found.
  select s.account_id, s.region, coalesce(s.kms_key_arn, e.kms_key_arn) as kms_key_arn, count(*) as stores, min(s.arn) as sample
  from data_stores as s
  left join s3_bucket_encryption as e
    on e.account_id = s.account_id and e.region = s.region and e.bucket_arn = s.arn
  where coalesce(s.kms_key_arn, e.kms_key_arn) is not null
  group by s.account_id, s.region, coalesce(s.kms_key_arn, e.kms_key_arn)
)
select
  v.account_id,
  v.region,
  v.arn as resource_arn,
  'AwsBackupBackupVault' as resource_type,
  v.encryption_key_arn as related_arn,
  case when d.kms_key_arn is null then 'pass' else 'fail' end as status,
  case
    when d.kms_key_arn is null then 'no data store here is encrypted with the key of vault ' || v.name
    else 'the key of vault ' || v.name || ' encrypts ' || cast(d.stores as varchar) || ' data store(s) too, such as ' || d.sample
  end as reason
from judged_vaults as v
left join data_keys as d
  on d.account_id = v.account_id and d.region = v.region and d.kms_key_arn = v.encryption_key_arn
where v.encryption_key_arn is not null
