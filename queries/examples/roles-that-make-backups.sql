-- The roles that backups are made with, and how many recovery points each made.
select account_id, iam_role_arn, count(*) as recovery_points, count(distinct region) as regions
from recovery_points
where iam_role_arn is not null
group by account_id, iam_role_arn
order by recovery_points desc, account_id, iam_role_arn
