import { candidates, isRegional, type Sought } from './candidates.ts'
import { contextOf } from './context.ts'
import { decideWith } from './decide.ts'
import type { Power, PowerName } from './powers.ts'
import { powers } from './powers.ts'
import { allowedTasks, type Site, type Task, workOf } from './tasks.ts'
import { decisive, groupsOf, mayGrant, tellApart } from './things.ts'
import type { By, Decision, Document, Principal, Request, Resource } from './types.ts'

/** What surrounds the principals of an account. */
export interface Surroundings extends Pick<Request, 'organization' | 'scps' | 'rcps' | 'context'> {
  account: string
  partition?: string | undefined
  /** Regions that are switched on: a power that holds in one of them holds. */
  regions: readonly string[]
  /**
   * Things that exist, by kind (`vault`, `recovery-point`, `key`, `bucket` …) with the policies that hang on them: where a kind is named,
   * its powers are decided on these (on none, if there are none), else on any thing of that kind without a policy (of a key: with
   * the default one).
   */
  things?: ReadonlyMap<string, readonly Resource[]> | undefined
}

/** A power that a principal has over one kind of thing of a service. What is denied has no row. */
export interface PrincipalPower {
  principal: string
  power: PowerName
  service: string
  of: string
  /** The strongest of its actions. */
  decision: 'allowed' | 'conditional'
  /** `some`: only over things that its policies name, or over some of those that exist. */
  extent: 'all' | 'some'
  actions: ActionPower[]
}

export interface ActionPower {
  action: string
  decision: 'allowed' | 'conditional'
  extent: 'all' | 'some'
  /** An example, or the thing that it was decided on. */
  resource: string
  by: By[]
}

/** The effective powers of an account's principals. Policies that several share are looked through once for each action. */
export function powersOf(
  principals: readonly Principal[],
  surroundings: Surroundings,
  table: readonly Power[] = powers,
): PrincipalPower[] {
  const work = workOf(table, surroundings)
  const groups = new Map(
    [...(surroundings.things ?? [])].map(([of, things]) => [of, groupsOf(things)]),
  )
  return principals.flatMap((principal) => {
    const subject: Subject = {
      principal,
      surroundings,
      groups,
      regional: documentsOf(principal, surroundings).some(isRegional),
    }
    const allowed = allowedTasks(work, principal)
    const answers = work.tasks.map((task, n) => actionPower(subject, task, allowed[n] === 1))
    return work.rows.flatMap(({ row, tasks }) =>
      powerOf(
        principal,
        row,
        tasks.flatMap((n) => answers[n] ?? []),
      ),
    )
  })
}

interface Subject {
  principal: Principal
  surroundings: Surroundings
  groups: ReadonlyMap<string, Resource[][]>
  /** Whether any of its documents tells Regions apart. */
  regional: boolean
}

function powerOf(
  principal: Principal,
  { power, service, of }: Power,
  actions: ActionPower[],
): PrincipalPower[] {
  const best = actions.reduce<ActionPower | undefined>(stronger, undefined)
  if (!best) return []
  const { decision, extent } = best
  return [{ principal: principal.arn, power, service, of, decision, extent, actions }]
}

function stronger(best: ActionPower | undefined, other: ActionPower): ActionPower {
  return best && rank(best) >= rank(other) ? best : other
}

function rank({ decision, extent }: Pick<ActionPower, 'decision' | 'extent'>): number {
  return (decision === 'allowed' ? 2 : 0) + (extent === 'all' ? 1 : 0)
}

function actionPower(
  subject: Subject,
  { action, of, sites }: Task,
  allowed: boolean,
): ActionPower | undefined {
  const groups = subject.groups.get(of)
  if (groups) return overThings(subject, action, groups, allowed)
  if (!allowed) return undefined
  let best: ActionPower | undefined
  for (const site of subject.regional ? sites : sites.slice(0, 1)) {
    best = overAnything({ subject, action, site }, of, best)
    if (best?.decision === 'allowed') break
  }
  return best
}

interface Question {
  subject: Subject
  action: string
  site: Site
}

/** Anything of a kind, and where that is not allowed, what documents name. */
function overAnything(
  question: Question,
  of: string,
  before: ActionPower | undefined,
): ActionPower | undefined {
  const policy = of === 'key' ? 'default' : null
  const { account } = question.subject.surroundings
  const { kinds } = question.site
  let best = before
  for (const { generic } of kinds) {
    best = weighed(best, question, { arn: generic, account, policy }, 'all')
    if (best?.decision === 'allowed') return best
  }
  for (const arn of candidates(soughtBy(question), kinds)) {
    best = weighed(best, question, { arn, account, policy }, 'some')
    if (best?.decision === 'allowed') return best
  }
  return best
}

function soughtBy({ subject, action, site }: Question): Sought {
  const { principal, surroundings } = subject
  const { account, organization, scps } = surroundings
  const resource = { arn: '*', account, policy: null }
  const context = contextOf({ principal, action, resource, organization, context: site.context })
  return { principal, action, scps, context }
}

/**
 * The strongest answer over the things that exist; `all` when every one of them gives as much. Things with one policy are decided once
 * where nothing tells them apart: an account has hundreds of keys and few key policies.
 */
function overThings(
  subject: Subject,
  action: string,
  groups: readonly Resource[][],
  allowed: boolean,
): ActionPower | undefined {
  const { principal, surroundings } = subject
  const apart = tellApart(
    [...documentsOf(principal, surroundings), ...rcpsOf(surroundings)],
    action,
  )
  const things = groups.flatMap((group) => (apart ? group : decisive(group, action)))
  const answers = things.map((thing) => {
    if (!allowed && !mayGrant(thing, principal, action)) return undefined
    return held(ask(subject, action, thing), action, thing.arn, 'all')
  })
  const best = answers.reduce<ActionPower | undefined>(
    (before, answer) => (answer ? stronger(before, answer) : before),
    undefined,
  )
  if (!best) return undefined
  const everywhere = answers.every((answer) => answer?.decision === best.decision)
  return { ...best, extent: everywhere ? 'all' : 'some' }
}

function rcpsOf({ rcps }: Surroundings): Document[] {
  return rcps?.flat() ?? []
}

function weighed(
  best: ActionPower | undefined,
  { subject, action, site }: Question,
  resource: Resource,
  extent: 'all' | 'some',
): ActionPower | undefined {
  const answer = held(ask(subject, action, resource, site), action, resource.arn, extent)
  return answer ? stronger(best, answer) : best
}

function held(
  { decision, by }: Decision,
  action: string,
  resource: string,
  extent: 'all' | 'some',
): ActionPower | undefined {
  return decision === 'denied' ? undefined : { action, decision, extent, resource, by }
}

function ask(subject: Subject, action: string, resource: Resource, site?: Site): Decision {
  const { principal, surroundings } = subject
  const { organization, scps, rcps } = surroundings
  const context = site?.context ?? surroundings.context
  const request: Request = { principal, action, resource, organization, scps, rcps, context }
  return decideWith({ request, context: contextOf(request) })
}

function documentsOf(principal: Principal, { scps }: Surroundings): Document[] {
  const boundary = principal.boundary ? [principal.boundary] : []
  return [...principal.identity, ...boundary, ...(scps?.flat() ?? [])]
}
