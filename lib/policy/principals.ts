import { arnParts } from './operators.ts'
import type { Principal, PrincipalEntry, Statement } from './types.ts'

/**
 * How a statement's Principal reaches a principal. `direct` names it, `everyone` is `*`, and `account` delegates to its account,
 * whose IAM policies decide then.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export type Reach = 'direct' | 'everyone' | 'account' | 'none' | 'unknown'

const strength: Reach[] = ['none', 'unknown', 'account', 'everyone', 'direct']

export function reachOf(statement: Statement, principal: Principal): Reach {
  if (!statement.principal) return 'direct'
  const { negated, entries } = statement.principal
  if (negated) return reachOfOthers(statement, entries, principal)
  let best: Reach = 'none'
  for (const entry of entries) {
    const reach = entryReach(entry, principal)
    if (strength.indexOf(reach) > strength.indexOf(best)) best = reach
  }
  return best
}

function entryReach({ type, value }: PrincipalEntry, principal: Principal): Reach {
  if (type === '*') return 'everyone'
  if (type === 'Service') {
    return principal.kind === 'service' && value === principal.arn ? 'direct' : 'none'
  }
  if (type !== 'AWS' || principal.kind === 'service') return 'none'
  if (value === principal.arn || (principal.id !== undefined && value === principal.id))
    return 'direct'
  if (accountOf(value) !== undefined) {
    if (accountOf(value) !== principal.account) return 'none'
    return principal.kind === 'root' ? 'direct' : 'account'
  }
  return indirectReach(value, principal)
}

/** Names of sessions, unique ids where the principal's is not known, and the wildcards that AWS does not support here. */
function indirectReach(value: string, principal: Principal): Reach {
  if (/^A(ID|RO)A[A-Z0-9]+$/.test(value)) return principal.id === undefined ? 'unknown' : 'none'
  if (sessionRole(value) !== undefined) {
    const own = principal.kind === 'role' && isSessionOf(value, principal)
    // Who assumes the role chooses the session's name.
    return own ? 'unknown' : 'none'
  }
  return /[*?]/.test(value) && principal.account !== undefined ? 'unknown' : 'none'
}

/**
 * NotPrincipal with Deny spares a principal only when its account is named too, and a role only when its session is; else it "might
 * deny access to the entire account". It "will always deny any IAM principal that has a permissions boundary policy attached".
 * NotPrincipal with Allow reaches everyone else, the anonymous too.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function reachOfOthers(
  statement: Statement,
  entries: PrincipalEntry[],
  principal: Principal,
): Reach {
  const reaches = entries.map((entry) => entryReach(entry, principal))
  const named = reaches.includes('direct') || reaches.includes('everyone')
  if (statement.effect === 'Allow') {
    if (named || reaches.includes('account')) return 'none'
    return reaches.includes('unknown') ? 'unknown' : 'everyone'
  }
  if (principal.boundary) return 'everyone'
  if (reaches.includes('everyone') || (named && isWhole(principal, reaches))) return 'none'
  return named || reaches.includes('unknown') ? 'unknown' : 'everyone'
}

function isWhole(principal: Principal, reaches: Reach[]): boolean {
  if (principal.kind === 'root' || principal.kind === 'service') return true
  const account = reaches.includes('account')
  return account && (principal.kind === 'user' || reaches.includes('unknown'))
}

/** Of an account id or a root ARN, which mean the same, the account. */
export function accountOf(value: string): string | undefined {
  return /^(?:arn:[a-z-]+:iam::)?(\d{12})(?::root)?$/.exec(value)?.[1]
}

function sessionRole(value: string): string | undefined {
  return /^arn:[a-z-]+:sts::\d{12}:assumed-role\/([^/]+)\/.+$/.exec(value)?.[1]
}

/** A session's ARN has the role's name without its path. */
function isSessionOf(value: string, principal: Principal): boolean {
  const name = arnParts(principal.arn)[5]?.split('/').at(-1)
  return sessionRole(value) === name && arnParts(value)[4] === principal.account
}
