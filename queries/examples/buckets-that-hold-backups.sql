-- Buckets that receive replicas or exports, with their versioning and their object lock.
select
  b.account_id,
  b.region,
  b.name,
  v.status as versioning,
  l.enabled as object_lock,
  l.mode,
  l.days,
  l.years
from s3_buckets as b
join backup_buckets as r on r.name = b.name
left join s3_bucket_versioning as v
  on v.account_id = b.account_id and v.region = b.region and v.bucket_arn = b.arn
left join s3_bucket_object_lock as l
  on l.account_id = b.account_id and l.region = b.region and l.bucket_arn = b.arn
order by b.account_id, b.region, b.name
