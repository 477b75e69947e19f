import type { StoredRow } from '../lake/table.ts'
import { assumptionsOf } from '../policy/assumptions.ts'
import { mayBecome, type TrustedRole } from '../policy/trust.ts'
import type { People } from './people.ts'
import { statementsBy } from './statements.ts'

/** One step of a chain: who becomes which role. */
export interface Step {
  from: string
  to: string
  /** What `from` is. */
  kind: 'user' | 'role' | 'service' | 'federated' | 'account' | 'everyone' | 'other'
  decision: 'allowed' | 'conditional'
  statements: string[]
  /** What is not known of `from`, if anything. */
  note: string | null
}

/** How a role is reached from where a chain begins: its first step's `from`. */
export interface WayIn {
  origin: string
  kind: Step['kind']
  /** `conditional` when one step is. */
  decision: 'allowed' | 'conditional'
  steps: Step[]
}

/**
 * Who may become roles, hop by hop and across accounts, as far back as it goes. Chains end in who is no role: users, services, identity
 * providers, other accounts; and in roles that nobody who is known may become. Of each beginning the shortest chain is told, a certain
 * one before one that is conditional. A cycle is walked once.
 */
export function waysInto(
  arns: readonly string[],
  people: People,
  trust: ReadonlyMap<string, StoredRow[]>,
): Map<string, WayIn[]> {
  const incoming = stepsInto(arns, people, trust)
  return new Map(arns.map((arn) => [arn, waysTo(arn, incoming)]))
}

/** Every step into roles and into the roles that lead there, by the role. */
function stepsInto(
  arns: readonly string[],
  people: People,
  trust: ReadonlyMap<string, StoredRow[]>,
): Map<string, Step[]> {
  const principals = [...people.byArn.values()]
  const found = new Map<string, Step[]>()
  let open = arns.flatMap((arn) => people.roles.get(arn) ?? [])
  while (open.length > 0) {
    const assumptions = assumptionsOf(principals, open, people.guardrails)
    const byRole = Map.groupBy(assumptions, ({ role }) => role)
    for (const role of open) {
      const own = (byRole.get(role.arn) ?? []).map(
        ({ principal, decision, by }): Step => ({
          from: principal,
          to: role.arn,
          kind: people.byArn.get(principal)?.kind === 'user' ? 'user' : 'role',
          decision,
          statements: statementsBy(by),
          note: null,
        }),
      )
      found.set(role.arn, [...own, ...fromOutside(role, people, trust.get(role.arn) ?? [])])
    }
    const next = new Set(open.flatMap(({ arn }) => found.get(arn) ?? []).map(({ from }) => from))
    open = [...next].filter((arn) => !found.has(arn)).flatMap((arn) => people.roles.get(arn) ?? [])
  }
  return found
}

/** Whom a role trusts that is nobody of the accounts that were read. */
function fromOutside(role: TrustedRole, people: People, rows: readonly StoredRow[]): Step[] {
  const denies = rows.some(({ effect }) => effect === 'Deny')
  return rows
    .filter(({ effect }) => effect === 'Allow')
    .flatMap((row): Step[] => {
      const from = String(row.principal)
      const statements = [`trust of ${role.arn} ${row.statement}`]
      const step = { from, to: role.arn, statements, note: null }
      const decision = denies || asksMore(row) ? 'conditional' : 'allowed'
      switch (row.principal_kind) {
        case 'service':
          return byService(role, people, step)
        case 'federated':
          return [{ ...step, kind: 'federated', decision }]
        case 'everyone':
          return row.confined === 'yes' ? [] : [{ ...step, kind: 'everyone', decision }]
        default:
          return byAccount(row, people, { ...step, decision })
      }
    })
}

/** The audience is what every sign-in through the provider brings. */
function asksMore({ condition_keys: keys }: StoredRow): boolean {
  const asked: string[] = JSON.parse(String(keys ?? '[]'))
  return asked.some((key) => !/:aud$/i.test(key))
}

function byService(
  role: TrustedRole,
  people: People,
  step: Omit<Step, 'kind' | 'decision'>,
): Step[] {
  const service = { arn: step.from, account: undefined, kind: 'service' as const, identity: [] }
  const { decision } = mayBecome(service, role, people.guardrails(role.account))
  return decision === 'denied' ? [] : [{ ...step, kind: 'service', decision }]
}

/** Of an account that was read its principals are told one by one, elsewhere. */
function byAccount(row: StoredRow, people: People, step: Omit<Step, 'kind'>): Step[] {
  const account = row.principal_account_id
  if (typeof account === 'string' && people.accounts.has(account)) return []
  const kind = row.principal_kind === 'account' ? ('account' as const) : ('other' as const)
  const outside = row.relation === 'outside' || row.relation === 'trusted'
  const note = outside
    ? 'an account outside of the organization: who of it is not known'
    : 'an account that was not read: who of it is not known'
  return [{ ...step, kind, note }]
}

function waysTo(target: string, incoming: ReadonlyMap<string, Step[]>): WayIn[] {
  const start: Reached = { at: target, decision: 'allowed', steps: [] }
  const certain = walk([start], incoming, (step) => step.decision === 'allowed')
  const found = walk(certain, incoming, () => true).slice(1)
  const begins = beginnings(found, incoming)
  return found
    .filter(({ at }) => begins.has(at))
    .map(({ at, decision, steps }) => ({
      origin: at,
      kind: steps[0]?.kind ?? 'other',
      decision,
      steps,
    }))
    .sort((a, b) => a.steps.length - b.steps.length || a.origin.localeCompare(b.origin))
}

/** Where chains begin: at whom nobody may become, and in cycles that are entered from nowhere, at each of them. */
function beginnings(
  found: readonly Reached[],
  incoming: ReadonlyMap<string, Step[]>,
): ReadonlySet<string> {
  const first = found.map(({ at }) => at).filter((at) => !incoming.get(at)?.length)
  const behind = new Set(first)
  const onwards = Map.groupBy(
    found.flatMap(({ at }) => incoming.get(at) ?? []),
    ({ from }) => from,
  )
  for (const at of behind) for (const { to } of onwards.get(at) ?? []) behind.add(to)
  const entered = found.map(({ at }) => at).filter((at) => !behind.has(at))
  return new Set([...first, ...entered])
}

interface Reached {
  at: string
  decision: Step['decision']
  steps: Step[]
}

function walk(
  begun: readonly Reached[],
  incoming: ReadonlyMap<string, Step[]>,
  follows: (step: Step) => boolean,
): Reached[] {
  const found = new Map(begun.map((reached) => [reached.at, reached]))
  // A map walks over what is added on the way.
  for (const { at, decision, steps } of found.values()) {
    for (const step of (incoming.get(at) ?? []).filter(follows)) {
      if (found.has(step.from)) continue
      const both = decision === 'allowed' ? step.decision : 'conditional'
      found.set(step.from, { at: step.from, decision: both, steps: [step, ...steps] })
    }
  }
  return [...found.values()]
}
