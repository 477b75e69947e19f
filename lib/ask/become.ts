import { assumptionsOf } from '../policy/assumptions.ts'
import type { Escalation } from './asking.ts'
import { escalationsOf } from './escalation.ts'
import type { Guardrails, People } from './people.ts'
import { indexRoles, type RoleIndex, rolesFor } from './role-index.ts'
import { type Gain, ownsAccount, type Self, selfOf } from './selves.ts'
import { statementsBy } from './statements.ts'

/** One step: who becomes whom, or gives whom what, and by which permission. */
export interface Stride {
  from: string
  to: string
  how: string
  decision: 'allowed' | 'conditional'
  statements: string[]
}

/** Somebody that a principal can become, the first one it itself. */
export interface Become {
  self: Self
  /** `conditional` when one step is. */
  decision: 'allowed' | 'conditional'
  steps: Stride[]
}

/**
 * Everyone that a principal can become: by assuming roles, also of other accounts, and by changing IAM. Whoever is become is so beside
 * the others: what one may give another counts once both are reached. Certain ways go before conditional ones.
 */
export function becomes(start: Self, people: People, place: Place): Become[] {
  const search = new Search(people, place)
  search.reach({ self: start, decision: 'allowed', steps: [] })
  search.follow('allowed')
  search.follow('conditional')
  return search.found()
}

export interface Place {
  partition: string
  regions: readonly string[]
}

class Search {
  readonly #people: People
  readonly #place: Place
  readonly #roles: RoleIndex
  readonly #reached = new Map<string, Become>()
  /** What those who were reached may give others, by who gains. */
  readonly #gifts = new Map<string, { from: Become; escalation: Escalation }[]>()
  readonly #steps = new Map<string, { assumed: Stride[]; escalations: Escalation[] }>()

  constructor(people: People, place: Place) {
    this.#people = people
    this.#place = place
    this.#roles = indexRoles([...people.roles.values()])
  }

  found(): Become[] {
    return [...this.#reached.values()]
  }

  reach(become: Become): void {
    const { id } = become.self
    if (!this.#reached.has(id)) this.#reached.set(id, become)
  }

  /** Follows steps of a kind, and all that are stronger, until nobody is added. */
  follow(kind: Stride['decision']): void {
    const follows = (decision: Stride['decision']) =>
      kind === 'conditional' || decision === 'allowed'
    let size = -1
    while (size !== this.#reached.size) {
      size = this.#reached.size
      // A map walks over what is added on the way.
      for (const become of this.#reached.values()) this.#leave(become, follows)
      for (const become of this.found()) this.#accept(become, follows)
    }
  }

  #leave(become: Become, follows: (decision: Stride['decision']) => boolean): void {
    const { assumed, escalations } = this.#stepsOf(become)
    for (const step of assumed.filter(({ decision }) => follows(decision)))
      this.#add(become, this.#people.byArn.get(step.to), [], step)
    for (const escalation of escalations.filter(({ decision }) => follows(decision))) {
      const { target, gain, how, decision, statements } = escalation
      if (gain) continue
      const step = { from: become.self.id, to: target, how, decision, statements }
      this.#add(become, this.#people.byArn.get(target), [], step)
    }
  }

  /** What others who were reached may give to this one. */
  #accept(become: Become, follows: (decision: Stride['decision']) => boolean): void {
    const { principal, gains } = become.self
    const known = this.#people.byArn.get(principal.arn)
    for (const { from, escalation } of this.#gifts.get(principal.arn) ?? []) {
      const { gain, how, statements } = escalation
      if (!gain || gains.includes(gain) || !follows(escalation.decision)) continue
      // What anyone may do who may do everything, a group adds nothing to.
      if (gain.startsWith('group ') && gains.includes('any policy')) continue
      const weaker = from.decision === 'conditional' ? 'conditional' : escalation.decision
      if (!follows(weaker)) continue
      const to = selfOf(known ?? principal, [...gains, gain], this.#people).id
      const step = { from: from.self.id, to, how, decision: weaker, statements }
      const steps = [...new Set([...from.steps, ...become.steps])]
      this.#add({ ...become, steps }, known ?? principal, [...gains, gain], step)
    }
  }

  #add(
    { decision, steps }: Become,
    principal: Self['principal'] | undefined,
    gains: readonly Gain[],
    step: Stride,
  ): void {
    if (!principal) return
    const both = decision === 'allowed' ? step.decision : 'conditional'
    const self = selfOf(principal, gains, this.#people)
    this.reach({ self, decision: both, steps: [...steps, step] })
  }

  #stepsOf(become: Become) {
    const { self } = become
    const known = this.#steps.get(self.id)
    if (known) return known
    const found = { assumed: this.#assumed(self), escalations: this.#escalations(become) }
    this.#steps.set(self.id, found)
    for (const escalation of found.escalations.filter(({ gain }) => gain)) {
      const gifts = this.#gifts.get(escalation.target) ?? []
      this.#gifts.set(escalation.target, gifts)
      gifts.push({ from: become, escalation })
    }
    return found
  }

  #assumed({ id, principal }: Self): Stride[] {
    // The root user of an account cannot assume roles.
    if (principal.kind === 'root') return []
    const roles = rolesFor(principal, this.#roles)
    return assumptionsOf([principal], roles, this.#people.guardrails).map(
      ({ role, decision, by }) => ({
        from: id,
        to: role,
        how: 'sts:AssumeRole',
        decision,
        statements: statementsBy(by),
      }),
    )
  }

  /**
   * Who may write any policy in an account can do there what another who may can do; so it is asked of one of them. Only where the
   * organization's policies name principals may they differ.
   */
  #escalations({ self }: Become): Escalation[] {
    const { account } = self.principal
    const asked = this.found().some(
      (other) =>
        other.decision === 'allowed' &&
        other.self.id !== self.id &&
        other.self.principal.account === account &&
        ownsAccount(other.self) &&
        this.#steps.has(other.self.id),
    )
    const alike = ownsAccount(self) && asked && !namesPrincipals(this.#people.guardrails(account))
    return alike ? [] : escalationsOf(self, this.#people, this.#place)
  }
}

function namesPrincipals({ scps = [] }: Guardrails): boolean {
  return scps
    .flat()
    .some(({ policy }) =>
      policy?.statements.some(({ conditions }) =>
        conditions.some(({ lookup }) => /^aws:(principal(arn|tag)|user)/.test(lookup)),
      ),
    )
}
