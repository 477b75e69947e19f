-- Redshift snapshots that are judged: what AWS Backup made is judged as a recovery point, and what failed or is gone is no backup.
select *
from redshift_snapshots
where not coalesce(made_by_aws_backup, false)
  and coalesce(status, '') not in ('failed', 'deleted')
