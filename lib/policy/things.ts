import { arnParts } from './operators.ts'
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

/** Whether what documents say of an action may differ from one thing to another of the same account and Region. */
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
        lookup.includes('resource') || values.some(({ variables }) => variables),
    )
  )
}

/** Things of one policy, account and Region, which are decided alike where no statement tells them apart. */
export function groupsOf(things: readonly Resource[]): Resource[][] {
  const byPolicy = Map.groupBy(things, ({ policy }) =>
    typeof policy === 'object' && policy !== null ? (policy.policy ?? policy) : policy,
  )
  return [...byPolicy.values()].flatMap((alike) => [
    ...Map.groupBy(alike, ({ arn, account, awsManaged }) =>
      [account, awsManaged, arnParts(arn)[3]].join(' '),
    ).values(),
  ])
}

/** Of a group those that must be decided: the first, or each. */
export function decisive(group: readonly Resource[], action: string): readonly Resource[] {
  const policy = group[0]?.policy
  const apart = typeof policy === 'object' && policy !== null && tellApart([policy], action)
  return apart ? group : group.slice(0, 1)
}
