-- title: AMIs are encrypted
-- family: encryption
-- severity: high
-- requirement: REL09-BP02
-- subject: amis, ami_volumes
-- rationale: An image is a backup of its disks; if one snapshot behind it is unencrypted, what is on it can
--   be shared without a key.
-- remediation: Copy the image with encryption (CopyImage with Encrypted), deregister the original and
--   delete its snapshots.
-- references: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AMIEncryption.html
with volumes as (
  select
    account_id,
    region,
    image_arn,
    count(*) as total,
    count(case when not encrypted then 1 end) as clear,
    count(case when encrypted is null then 1 end) as unsaid
  from ami_volumes
  group by account_id, region, image_arn
)
select
  i.account_id,
  i.region,
  i.arn as resource_arn,
  'AwsEc2Image' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when v.clear > 0 then 'fail'
    when v.unsaid > 0 then 'unknown'
    else 'pass'
  end as status,
  'of ' || cast(v.total as varchar) || ' snapshots behind the image, ' || case
    when v.clear > 0 then cast(v.clear as varchar) || ' are not encrypted'
    when v.unsaid > 0 then cast(v.unsaid as varchar) || ' do not tell whether they are encrypted'
    else 'all are encrypted'
  end as reason
from amis as i
join volumes as v
  on v.account_id = i.account_id and v.region = i.region and v.image_arn = i.arn
where not coalesce(i.managed_by_aws_backup, false)
