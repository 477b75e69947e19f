-- title: Staging disks of Elastic Disaster Recovery use approved keys
-- family: source
-- severity: medium
-- requirement: REL09-BP02
-- subject: drs_templates, drs_source_servers, drs_server_configurations
-- evidence: ebs_settings, kms_aliases, kms_keys@related_arn
-- rationale: A customer managed key is what lets its owner say who may decrypt, and withdraw it; an AWS managed key cannot be
--   shared with the account that recovers.
-- remediation: Name a customer managed key (CUSTOM) in the template and in each server's replication settings, or make one the
--   Region's default EBS key.
-- references: https://docs.aws.amazon.com/drs/latest/userguide/volumes-drs.html
-- verdict: approved-keys
-- spans: accounts
with staged as (
  select account_id, region, arn, 'AwsDrsReplicationConfigurationTemplate' as resource_type, ebs_encryption, kms_key_arn
  from drs_templates
  union all
  select s.account_id, s.region, s.arn, 'AwsDrsSourceServer', c.ebs_encryption, c.kms_key_arn
  from drs_source_servers as s
  left join drs_server_configurations as c
    on c.account_id = s.account_id and c.region = s.region and c.server_arn = s.arn
  where not coalesce(s.extended, false)
)
select
  t.account_id,
  t.region,
  t.arn as resource_arn,
  t.resource_type,
  case when t.ebs_encryption = 'DEFAULT' then d.key_arn else coalesce(a.key_arn, t.kms_key_arn) end as key_arn,
  case when t.ebs_encryption = 'DEFAULT' then d.key_class end as key_class
from staged as t
left join ebs_default_keys as d on d.account_id = t.account_id and d.region = t.region
left join key_names as a
  on a.account_id = t.account_id and a.region = t.region and a.name = t.kms_key_arn
where coalesce(t.ebs_encryption, '') <> 'NONE'
