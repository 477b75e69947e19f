-- title: AMIs are not public
-- family: sharing
-- severity: high
-- requirement: REL09-BP02
-- subject: amis
-- rationale: A public image lets every AWS account launch it and read its disks.
-- remediation: Take the group all off the image’s launch permissions and block public access for AMIs in
--   the Region.
-- references: Prowler:ec2_ami_public,
--   https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-intro.html
select
  account_id,
  region,
  arn as resource_arn,
  'AwsEc2Image' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when public then 'fail'
    when not public then 'pass'
    else 'unknown'
  end as status,
  'image ' || coalesce(image_id, '?') || case
    when public then ' can be launched by every AWS account'
    when not public then ' is not public'
    else ' does not tell whether it is public'
  end as reason
from amis
