-- title: Staging disks of Elastic Disaster Recovery are encrypted
-- family: source
-- severity: critical
-- requirement: REL09-BP02
-- subject: drs_templates, drs_source_servers, drs_server_configurations
-- rationale: The staging disks and their snapshots hold a whole copy of each protected server's disks, whatever the servers'
--   own disks are encrypted with. A template hands its setting to every server that is added.
-- remediation: Set EBS encryption to DEFAULT or CUSTOM in the template and in each server's replication settings. The disks of
--   a server are then replicated anew.
-- references: https://docs.aws.amazon.com/drs/latest/userguide/volumes-drs.html
with staged as (
  select account_id, region, arn, 'AwsDrsReplicationConfigurationTemplate' as resource_type, template_id as name, ebs_encryption
  from drs_templates
  union all
  select s.account_id, s.region, s.arn, 'AwsDrsSourceServer', coalesce(s.hostname, s.server_id), c.ebs_encryption
  from drs_source_servers as s
  left join drs_server_configurations as c
    on c.account_id = s.account_id and c.region = s.region and c.server_arn = s.arn
  where not coalesce(s.extended, false)
)
select
  account_id,
  region,
  arn as resource_arn,
  resource_type,
  cast(null as varchar) as related_arn,
  case
    when ebs_encryption = 'NONE' then 'fail'
    when ebs_encryption in ('DEFAULT', 'CUSTOM') then 'pass'
    else 'unknown'
  end as status,
  'the staging disks of ' || coalesce(name, arn) || case
    when ebs_encryption = 'NONE' then ' are not encrypted (NONE)'
    when ebs_encryption = 'DEFAULT' then ' are encrypted with the default EBS key (DEFAULT)'
    when ebs_encryption = 'CUSTOM' then ' are encrypted with a named key (CUSTOM)'
    else ': the encryption could not be read or is not known: ' || coalesce(ebs_encryption, 'none told')
  end as reason
from staged
