import type { Principal } from '../policy/types.ts'
import type { People } from './people.ts'

/** What someone may give a principal: any policy, the permissions of a group, or freedom from its boundary. */
export type Gain = 'any policy' | 'no boundary' | `group ${string}`

/** A principal as it is, or with what it was given. */
export interface Self {
  /** Its ARN, with what it has gained after it. */
  id: string
  principal: Principal
  gains: readonly Gain[]
}

/** A principal with gains. */
export function selfOf(principal: Principal, gains: readonly Gain[], people: People): Self {
  const own = [...gains].sort()
  const id = own.length > 0 ? `${principal.arn} with ${own.join(' and ')}` : principal.arn
  const groups = own.flatMap((gain) =>
    gain.startsWith('group ') ? (people.ofGroup.get(gain.slice('group '.length)) ?? []) : [],
  )
  const any = own.includes('any policy') ? [people.anyPolicy] : []
  return {
    id,
    gains: own,
    principal: {
      ...principal,
      identity: [...any, ...principal.identity, ...groups],
      boundary: own.includes('no boundary') ? undefined : principal.boundary,
    },
  }
}

/** Whether it can do in its account whatever the organization's policies leave. */
export function ownsAccount({ principal, gains }: Self): boolean {
  return gains.includes('any policy') && principal.boundary === undefined
}
