import type { OperationContext } from './operations/operation.ts'
import type { Denial } from './state.ts'

const patterns = new Map<string, RegExp>()

/** Matches IAM's `*` and `?`; actions are compared without regard to case. */
export function matches(glob: string, text: string, flags = ''): boolean {
  if (glob === '*') return true
  const name = `${flags}/${glob}`
  let pattern = patterns.get(name)
  if (pattern === undefined) {
    const source = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&')
    pattern = new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, `s${flags}`)
    patterns.set(name, pattern)
  }
  return pattern.test(text)
}

const covers = (actions: string[], action: string) =>
  actions.some((one) => matches(one, action, 'i'))

function denies(denial: Denial, action: string, region: string, resource: string): boolean {
  const { actions, regions, resources } = denial
  if (!covers(actions, action)) return false
  if (regions !== undefined && !regions.includes(region)) return false
  return resources === undefined || resources.some((one) => matches(one, resource))
}

/** The message of the denial, in AWS's words; undefined when the call is allowed. */
export function denialOf(
  context: OperationContext,
  action: string,
  resource: string,
): string | undefined {
  const { principal, account, accountId, region, state } = context
  const denied = (one: Denial) => denies(one, action, region, resource)
  // Service control policies never hold in the management account.
  if (accountId !== state.managementAccountId && account.serviceControlDenials.some(denied)) {
    const reason = 'with an explicit deny in a service control policy'
    return denialMessage(principal.arn, action, resource, reason)
  }
  if (principal.deny.some(denied)) {
    const reason = 'with an explicit deny in an identity-based policy'
    return denialMessage(principal.arn, action, resource, reason)
  }
  if (covers(principal.allow, action)) return undefined
  return denialMessage(principal.arn, action, resource, notAllowed(action))
}

/** The reason given when nothing allows the action. */
export function notAllowed(action: string): string {
  return `because no identity-based policy allows the ${action} action`
}

/** AWS's sentence about a denial. */
export function denialMessage(
  arn: string,
  action: string,
  resource: string,
  reason: string,
): string {
  return `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${reason}`
}
