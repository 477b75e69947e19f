-- FSx backups that are judged: what AWS Backup made is judged as a recovery point, and what failed or is gone is no backup.
select *
from fsx_backups
where not coalesce(made_by_aws_backup, false)
  and coalesce(lifecycle, '') not in ('PENDING', 'CREATING', 'COPYING', 'FAILED', 'DELETED')
