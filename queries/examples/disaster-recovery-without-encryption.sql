-- Servers and templates of Elastic Disaster Recovery whose staging disks are not encrypted.
select account_id, region, 'server' as kind, server_arn as arn
from drs_server_configurations
where ebs_encryption = 'NONE'
union all
select account_id, region, 'template', arn
from drs_templates
where ebs_encryption = 'NONE'
order by kind, account_id, region, arn
