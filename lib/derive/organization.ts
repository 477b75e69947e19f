import type { Discovery } from '../discover.ts'
import type { Organization } from '../policy/types.ts'

/** The organization that a run found, as the policy engine knows it. A stand-alone account is an organization of its own, without an id. */
export function organizationOf(
  discovery: Pick<Discovery, 'organization_id' | 'accounts'>,
): Organization {
  const { organization_id: id, accounts } = discovery
  return {
    id: id ?? undefined,
    managementAccount: accounts.find(({ is_management }) => is_management)?.account_id,
    paths: new Map(accounts.map(({ account_id, ou_path }) => [account_id, ou_path ?? ''])),
  }
}
