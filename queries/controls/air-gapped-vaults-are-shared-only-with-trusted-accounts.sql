-- title: Air-gapped vaults are shared only with trusted accounts
-- family: sharing
-- severity: high
-- requirement: REL09-BP02
-- subject: ram_vault_shares, restore_access_vaults
-- rationale: Whoever a logically air-gapped vault is shared with can restore its recovery points in an account
--   of their own, past every policy of the vault.
-- remediation: Take the principal out of the resource share, or name the account under trusted_accounts when it
--   is meant to restore from the vault.
-- references: https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html
with named as (
  select
    account_id,
    region,
    vault_arn,
    principal,
    case
      when principal_kind = 'account' then principal
      when principal_kind in ('role', 'user') then coalesce(split_part(principal, ':', 5), '')
      else ''
    end as named_account_id,
    case when principal_kind in ('organization', 'ou') then coalesce(split_part(principal, '/', 2), '') else '' end as organization_id
  from ram_vault_shares
  -- An invitation that is not accepted yet can be accepted any time.
  where coalesce(status, 'ASSOCIATED') not in ('DISASSOCIATING', 'DISASSOCIATED', 'FAILED')
    and coalesce(share_status, 'ACTIVE') not in ('DELETING', 'DELETED', 'FAILED')
  union all
  -- The account that an approval lets in, without any share.
  select account_id, region, source_vault_arn, accessor_account_id, accessor_account_id, ''
  from restore_access_vaults
  where coalesce(vault_state, 'AVAILABLE') <> 'FAILED'
), untold as (
  -- A vault of which only one of the two lists was read.
  select distinct account_id, region, resource_arn
  from gaps
  where table_name = 'restore_access_vaults' and resource_arn is not null
), vaults as (
  select
    n.account_id,
    n.region,
    n.vault_arn,
    count(distinct n.principal) as total,
    count(case when n.principal is null or g.resource_arn is not null then 1 end) as untold,
    count(distinct case when t.trusted_account_id is null and o.organization_id is null then n.principal end) as untrusted,
    min(case when t.trusted_account_id is null and o.organization_id is null then n.principal end) as first_untrusted
  from named as n
  left join trusted_accounts as t on t.trusted_account_id = n.named_account_id
  left join own_organization as o on o.organization_id = n.organization_id
  left join untold as g on g.account_id = n.account_id and g.region = n.region and g.resource_arn = n.vault_arn
  group by n.account_id, n.region, n.vault_arn
)
select
  account_id,
  region,
  vault_arn as resource_arn,
  'AwsBackupBackupVault' as resource_type,
  cast(null as varchar) as related_arn,
  case when untrusted > 0 then 'fail' when untold > 0 then 'unknown' else 'pass' end as status,
  'of ' || cast(total as varchar) || ' that it is shared with, ' || case
    when untrusted > 0 then cast(untrusted as varchar) || ' not trusted: ' || first_untrusted
      || case when untrusted > 1 then ' and others' else '' end
    when untold > 0 then 'none is known not to be trusted, but not all were told'
    else 'all are trusted'
  end as reason
from vaults
