import { actionMatches } from './match.ts'
import { accountOf } from './principals.ts'
import { mayBecome, type TrustedRole } from './trust.ts'
import type { Decision, Principal, Request } from './types.ts'

/** That a principal may become a role. */
export interface Assumption {
  principal: string
  role: string
  decision: 'allowed' | 'conditional'
  by: Decision['by']
}

/**
 * Who may become whom among principals and roles, also of several accounts; the surroundings are asked for by account. Only pairs that
 * a trust policy can join are decided: those it names, and where it trusts an account, those of it whose own policies allow it.
 */
export function assumptionsOf(
  principals: readonly Principal[],
  roles: readonly TrustedRole[],
  surroundings: (
    account: string | undefined,
  ) => Pick<Request, 'organization' | 'scps' | 'rcps'> = () => ({}),
): Assumption[] {
  const able = principals.filter(mayAsk)
  return roles.flatMap((role) =>
    candidatesFor(role, principals, able).flatMap((principal): Assumption[] => {
      if (principal.arn === role.arn) return []
      const { organization, scps } = surroundings(principal.account)
      const { rcps } = surroundings(role.account)
      const { decision, by } = mayBecome(principal, role, { organization, scps, rcps })
      return decision === 'denied'
        ? []
        : [{ principal: principal.arn, role: role.arn, decision, by }]
    }),
  )
}

function mayAsk({ kind, identity }: Principal): boolean {
  if (kind === 'root') return true
  return identity.some(
    ({ policy }) =>
      !policy ||
      policy.statements.some(
        (statement) => statement.effect === 'Allow' && actionMatches(statement, 'sts:AssumeRole'),
      ),
  )
}

function candidatesFor(
  { trust, account }: TrustedRole,
  principals: readonly Principal[],
  able: readonly Principal[],
): readonly Principal[] {
  // What was not read may trust anyone.
  if (!trust?.policy) return principals
  const entries = trust.policy.statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap(({ principal }) => principal?.entries ?? [])
  const values = entries.filter(({ type }) => type === 'AWS').map(({ value }) => value)
  const accounts = new Set(values.map(accountOf))
  const everyone = entries.some(({ type }) => type === '*')
  // A name that cannot be compared here, such as a session's or a unique id, may be anyone's of the account.
  const unclear = values.some((value) => !accountOf(value) && !value.includes(':iam::'))
  const named = new Set(values)
  const own = everyone || unclear ? principals.filter((one) => one.account === account) : []
  const asking = able.filter((one) => everyone || unclear || accounts.has(one.account))
  return [...new Set([...own, ...asking, ...principals.filter(({ arn }) => named.has(arn))])]
}

/** A role that can be reached, and how. */
export interface Chain {
  role: string
  /** From where it starts to the role, both included. */
  chain: string[]
  /** `conditional` when one step of it is. */
  decision: 'allowed' | 'conditional'
}

/**
 * Every role that can be reached from a principal, with the shortest chain of roles that leads there; a longer one goes before where
 * it is certain and the shorter is conditional.
 */
export function chainsFrom(start: string, assumptions: readonly Assumption[]): Chain[] {
  const certain = assumptions.filter(({ decision }) => decision === 'allowed')
  const origin: Chain = { role: start, chain: [start], decision: 'allowed' }
  const found = follow([origin], certain)
  return follow(found, assumptions).slice(1)
}

/** What can be reached from chains, they themselves first. */
function follow(begun: readonly Chain[], assumptions: readonly Assumption[]): Chain[] {
  const steps = Map.groupBy(assumptions, ({ principal }) => principal)
  const found = new Map(begun.map((chain) => [chain.role, chain]))
  // A map walks over what is added on the way.
  for (const at of found.values()) {
    for (const { role, decision } of steps.get(at.role) ?? []) {
      if (found.has(role)) continue
      const both = at.decision === 'allowed' ? decision : 'conditional'
      found.set(role, { role, chain: [...at.chain, role], decision: both })
    }
  }
  return [...found.values()]
}
