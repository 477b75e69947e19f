-- Types of resources with backups that restore testing can restore, one row for each account, Region and type: how many recovery
-- points there are, of how many resources, and how many of those a selection names or a test restored.
with protected as (
  -- Members of a composite backup are restored with it; other types cannot be tested.
  select account_id, region, source_type, coalesce(source_arn, arn) as source_arn
  from recovery_points
  where parent_arn is null
    and coalesce(status, '') not in ('DELETING', 'CREATING')
    and source_type in ('Aurora', 'DocumentDB', 'DynamoDB', 'EBS', 'EC2', 'EFS', 'FSx', 'Neptune', 'RDS', 'S3')
), reached as (
  select p.account_id, p.region, p.source_type, p.source_arn
  from protected as p
  join restore_testing_selections as s
    on s.account_id = p.account_id and s.region = p.region and s.protected_resource_type = p.source_type
    and s.reach = 'named' and strpos(s.protected_resource_arns, '"' || p.source_arn || '"') > 0
  union
  select account_id, region, source_type, source_arn
  from restore_tests
  where succeeded = 1
)
select
  p.account_id,
  p.region,
  p.source_type,
  count(*) as points,
  count(distinct p.source_arn) as sources,
  count(distinct r.source_arn) as reached
from protected as p
left join reached as r
  on r.account_id = p.account_id and r.region = p.region and r.source_type = p.source_type and r.source_arn = p.source_arn
group by p.account_id, p.region, p.source_type
