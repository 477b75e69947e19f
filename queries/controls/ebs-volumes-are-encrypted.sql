-- title: EBS volumes are encrypted
-- family: source
-- severity: high
-- requirement: REL09-BP02
-- subject: ebs_volumes
-- rationale: Every snapshot of an unencrypted volume is unencrypted, those of AWS Backup too.
-- remediation: Snapshot the volume, copy the snapshot with encryption, make a volume of it and swap it in.
-- references: SecurityHub:EC2.3, Config:ENCRYPTED_VOLUMES, Prowler:ec2_ebs_volume_encryption,
--   https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html
select
  t.account_id,
  t.region,
  t.arn as resource_arn,
  'AwsEc2Volume' as resource_type,
  cast(null as varchar) as related_arn,
  case
    when t.encrypted then 'pass'
    when not t.encrypted then 'fail'
    else 'unknown'
  end as status,
  case
    when t.encrypted then 'volume ' || coalesce(t.volume_id, '?') || ' is encrypted'
    when not t.encrypted then 'volume ' || coalesce(t.volume_id, '?') || ' is not encrypted'
    else 'AWS did not say whether ' || 'volume ' || coalesce(t.volume_id, '?') || ' is encrypted'
  end as reason
from ebs_volumes as t
where t.managed_by is null
  and not coalesce(t.drs_staging, false)
  and coalesce(t.state, '') not in ('deleting', 'deleted')
