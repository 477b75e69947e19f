import { accountOf } from '../policy/principals.ts'
import type { TrustedRole } from '../policy/trust.ts'
import type { Principal } from '../policy/types.ts'

/** Roles by whom their trust policies can mean, so that nobody is tried on all of them. */
export interface RoleIndex {
  byName: ReadonlyMap<string, TrustedRole[]>
  byAccount: ReadonlyMap<string, TrustedRole[]>
  /** Trusting in a way that no name or account tells: everyone, ids, documents that were not read. */
  open: readonly TrustedRole[]
}

export function indexRoles(roles: readonly TrustedRole[]): RoleIndex {
  const trusted = roles.flatMap((role) => trustedBy(role).map((by) => ({ ...by, role })))
  const grouped = (kind: Trusted['kind']) => {
    const groups = Map.groupBy(
      trusted.filter((one) => one.kind === kind),
      ({ value }) => value,
    )
    return new Map([...groups].map(([value, own]) => [value, own.map(({ role }) => role)]))
  }
  return {
    byName: grouped('name'),
    byAccount: grouped('account'),
    open: [...grouped('open').values()].flat(),
  }
}

/** The roles whose trust policies can mean a principal. */
export function rolesFor({ arn, account = '' }: Principal, index: RoleIndex): TrustedRole[] {
  const { byName, byAccount, open } = index
  return [...new Set([...(byName.get(arn) ?? []), ...(byAccount.get(account) ?? []), ...open])]
}

interface Trusted {
  kind: 'name' | 'account' | 'open'
  value: string
}

const OPEN: Trusted = { kind: 'open', value: '' }

function trustedBy({ trust }: TrustedRole): Trusted[] {
  if (!trust?.policy) return [OPEN]
  return trust.policy.statements
    .flatMap(({ principal }) => principal?.entries ?? [])
    .flatMap(({ type, value }) => {
      if (type === '*') return [OPEN]
      if (type !== 'AWS') return []
      const account = accountOf(value)
      if (account) return [{ kind: 'account' as const, value: account }]
      return value.includes(':iam::') ? [{ kind: 'name' as const, value }] : [OPEN]
    })
}
