import { reachOf } from './principals.ts'
import { statementsAbout } from './statements.ts'
import type { Document, Policy, Principal, Resource, Statement } from './types.ts'

/** Whether a thing's own policy may grant an action to a principal whom no policy of its own allows it. */
export function mayGrant({ policy }: Resource, principal: Principal, action: string): boolean {
  if (policy === null || policy === 'default') return false
  // What was not read may grant anything.
  if (!policy?.policy) return true
  return statementsAbout(policy.policy, action).some((statement) => {
    if (statement.effect === 'Deny') return false
    const reach = reachOf(statement, principal)
    return reach !== 'none' && reach !== 'account'
  })
}

/** Whether what documents say of an action may differ from one thing to another of the same account. */
export function tellApart(documents: readonly Document[], action: string): boolean {
  return documents.some(({ policy }) => policy !== undefined && tellsApart(policy, action))
}

function tellsApart(policy: Policy, action: string): boolean {
  let byAction = cache.get(policy)
  if (!byAction) {
    byAction = new Map()
    cache.set(policy, byAction)
  }
  let answer = byAction.get(action)
  if (answer === undefined) {
    answer = statementsAbout(policy, action).some(isAboutSome)
    byAction.set(action, answer)
  }
  return answer
}

const cache = new WeakMap<Policy, Map<string, boolean>>()

function isAboutSome({ resource, conditions }: Statement): boolean {
  const everything =
    !resource || (!resource.negated && resource.patterns.some(({ source }) => source === '*'))
  return (
    !everything ||
    conditions.some(
      ({ lookup, values }) =>
        /resource|region/.test(lookup) || values.some(({ variables }) => variables),
    )
  )
}
