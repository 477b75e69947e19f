import { decide } from '../policy/decide.ts'
import type { Power } from '../policy/powers.ts'
import { powers } from '../policy/powers.ts'
import { powersOf } from '../policy/principal-powers.ts'
import { tellApart } from '../policy/things.ts'
import type { Document, Request, Resource } from '../policy/types.ts'
import type { Become } from './become.ts'
import type { Guardrails, People } from './people.ts'
import { arnsAsked } from './powers-over.ts'
import { statementsBy } from './statements.ts'

/** That somebody can destroy something. */
export interface Loss {
  decision: 'allowed' | 'conditional'
  /** Who can, of those that the principal can become. */
  by: string
  action: string
  statements: string[]
}

/** A data store, or anything else that actions are done to. */
export interface Target {
  arn: string
  account: string
  region: string
  tags: Record<string, string> | undefined
}

/** Whoever is certain goes first, so that most is decided by few. */
export function strongestFirst(becomes: readonly Become[]): Become[] {
  const rank = ({ decision, self }: Become) =>
    (decision === 'allowed' ? 0 : 2) + (self.gains.includes('any policy') ? 0 : 1)
  return becomes.toSorted((a, b) => rank(a) - rank(b))
}

/** What of several answers is kept: the certain one. */
export function better(held: Loss | undefined, found: Loss): Loss {
  return held && (held.decision === 'allowed' || found.decision === 'conditional') ? held : found
}

/** Which data stores somebody can destroy. Policies of the stores themselves are left out. */
export function destroyedStores(
  becomes: readonly Become[],
  stores: readonly Target[],
  people: People,
): Map<string, Loss> {
  const losses = new Map<string, Loss>()
  const groups = groupsOf(stores)
  for (const become of strongestFirst(becomes)) {
    const { account } = become.self.principal
    for (const group of groups.filter(({ of }) => of === account))
      destroyGroup(become, group, { losses, guardrails: people.guardrails(account) })
  }
  return losses
}

/** Stores of one account and Region, to which the same actions are done. */
interface Group {
  of: string
  region: string
  stores: Target[]
  rows: Power[]
}

function groupsOf(stores: readonly Target[]): Group[] {
  const table = powers.filter(({ power }) => power === 'destroy_data')
  const groups = new Map<string, Group>()
  for (const store of stores) {
    const rows = table.filter((row) => arnsAsked(row, store).length > 0)
    const key = [store.account, store.region, ...rows.map(({ of }) => of)].join(' ')
    const group = groups.get(key) ?? { of: store.account, region: store.region, stores: [], rows }
    groups.set(key, group)
    group.stores.push(store)
  }
  return [...groups.values()]
}

function destroyGroup(
  become: Become,
  { stores, rows, region }: Group,
  { losses, guardrails }: { losses: Map<string, Loss>; guardrails: Guardrails },
): void {
  const documents = documentsAround(become, guardrails)
  const context = { get: (key: string) => (key === 'aws:requestedregion' ? [region] : undefined) }
  for (const { row, action } of rows.flatMap((one) =>
    one.actions.map((action) => ({ row: one, action })),
  )) {
    const open = stores.filter(({ arn }) => losses.get(arn)?.decision !== 'allowed')
    const apart = tellApart(documents, action)
    for (const alike of apart ? open.map((one) => [one]) : [open]) {
      const loss = lossOf(become, { row, action, store: alike[0] }, { ...guardrails, context })
      if (loss) for (const { arn } of alike) losses.set(arn, better(losses.get(arn), loss))
    }
  }
}

/** Whether somebody can do an action to a store, or to what is in it. */
function lossOf(
  { self, decision: reached }: Become,
  { row, action, store }: { row: Power; action: string; store: Target | undefined },
  surroundings: Guardrails & Pick<Request, 'context'>,
): Loss | undefined {
  if (!store) return undefined
  let best: Loss | undefined
  for (const arn of arnsAsked(row, store)) {
    const resource: Resource = { arn, account: store.account, policy: null, tags: store.tags }
    const { decision, by } = decide({
      ...surroundings,
      principal: self.principal,
      action,
      resource,
    })
    if (decision === 'denied') continue
    const weaker = reached === 'conditional' ? 'conditional' : decision
    best = better(best, { decision: weaker, by: self.id, action, statements: statementsBy(by) })
  }
  return best
}

function documentsAround({ self }: Become, { scps = [], rcps = [] }: Guardrails): Document[] {
  const { identity, boundary } = self.principal
  return [...identity, ...(boundary ? [boundary] : []), ...scps.flat(), ...rcps.flat()]
}

/**
 * Whether somebody can delete backups that a service keeps itself, of a kind, in one account and Region. `conditional` where only over
 * those that policies name.
 */
export function destroyedNatives(
  becomes: readonly Become[],
  { account, region, kind, partition }: NativeKind,
  people: People,
): Loss | undefined {
  const table = powers.filter(({ power, of }) => power === 'destroy_backups' && of === kind)
  const surroundings = { account, partition, regions: [region], ...people.guardrails(account) }
  let best: Loss | undefined
  for (const { self, decision } of strongestFirst(becomes)) {
    if (self.principal.account !== account) continue
    for (const power of powersOf([self.principal], surroundings, table)) {
      const certain = decision === 'allowed' && power.decision === 'allowed'
      const [action] = power.actions
      best = better(best, {
        decision: certain && power.extent === 'all' ? 'allowed' : 'conditional',
        by: self.id,
        action: action?.action ?? '',
        statements: statementsBy(power.actions.flatMap(({ by }) => by)),
      })
      if (best.decision === 'allowed') return best
    }
  }
  return best
}

export interface NativeKind {
  account: string
  region: string
  partition: string
  /** As in the table of powers, such as `db-snapshot`. */
  kind: string
}
