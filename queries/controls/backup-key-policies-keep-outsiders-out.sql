-- title: Policies of backup keys keep outsiders out
-- family: keys
-- severity: high
-- requirement: REL09-BP02
-- subject: kms_keys, recovery_points, backup_vaults, backup_plan_rules, backup_plan_copy_actions,
--   ebs_snapshots, rds_snapshots, rds_automated_backups, fsx_backups, redshift_snapshots,
--   redshift_serverless_snapshots, elasticache_snapshots, elasticache_serverless_snapshots,
--   memorydb_snapshots, dynamodb_backups, dynamodb_backup_keys
-- evidence: key_policy_grants@related_arn
-- rationale: Who may use a backup's key needs only a copy of the backup to read it, and who may administer the key can make every
--   backup under it unreadable.
-- remediation: Name the accounts that need the key, and confine statements for everyone by aws:PrincipalOrgID or kms:CallerAccount;
--   or list the account among the trusted ones.
-- references: SecurityHub:KMS.5, Config:KMS_KEY_POLICY_NO_PUBLIC_ACCESS, Prowler:kms_key_not_publicly_accessible,
--   https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
-- spans: accounts
with used as (
  select distinct key_arn
  from backup_keys
), grants as (
  select
    account_id,
    region,
    resource_arn,
    principal,
    problem,
    case
      when problem is not null then 'unclear'
      when effect = 'Deny' or relation not in ('public', 'outside', 'unknown') or confined = 'yes' then 'trusted'
      when confined = 'no' and relation <> 'unknown' then 'open'
      else 'unclear'
    end as kind
  from key_policy_grants
)
select
  k.account_id,
  k.region,
  k.arn as resource_arn,
  'AwsKmsKey' as resource_type,
  k.arn as related_arn,
  case
    when count(case when g.kind = 'open' then 1 end) > 0 then 'fail'
    when count(case when g.kind = 'unclear' then 1 end) > 0 or count(g.kind) = 0 then 'unknown'
    else 'pass'
  end as status,
  case
    when count(case when g.kind = 'open' then 1 end) > 0
      then 'the key policy lets ' || min(case when g.kind = 'open' then g.principal end) || ' in from outside the trusted accounts'
    when count(g.problem) > 0 then 'the key policy cannot be understood (' || min(g.problem) || ')'
    when count(case when g.kind = 'unclear' then 1 end) > 0
      then 'whether the key policy lets ' || min(case when g.kind = 'unclear' then g.principal end) || ' in from outside cannot be told'
    when count(g.kind) = 0 then 'AWS did not say what the key policy is'
    else 'the key policy lets trusted accounts in only'
  end as reason
from kms_keys as k
join used as u on u.key_arn = k.arn
left join grants as g
  on g.account_id = k.account_id and g.region = k.region and g.resource_arn = k.arn
where coalesce(k.key_manager, 'CUSTOMER') <> 'AWS'
group by k.account_id, k.region, k.arn
