import { guardrailTables, iamTables } from '../derive/iam.ts'
import { literal } from '../engine/engine.ts'
import type { StoredRow } from '../lake/table.ts'
import type { PowerName } from '../policy/powers.ts'
import { UsageError } from '../usage-error.ts'
import type { FinishedRun } from './finished-run.ts'
import { type NotKnown, notKnown } from './not-known.ts'
import { type People, readPeople } from './people.ts'
import { type PowerHeld, powerOver } from './powers-over.ts'
import { findThing } from './thing.ts'
import { type WayIn, waysInto } from './ways-in.ts'

/** Who holds a power, and how one becomes who holds it. */
export interface Holder {
  arn: string
  account_id: string
  account_name: string
  kind: string
  /** As in the table `principals`. */
  access: string
  break_glass: boolean
  decision: 'allowed' | 'conditional'
  over: PowerHeld[]
  /** Of a role: who may become it. A user is reached by its own credentials. */
  ways_in: WayIn[]
}

export interface WhoCan {
  run_id: string
  as_of: string
  power: PowerName
  account: string | null
  resource: string | null
  holders: Holder[]
  /** Principals that hold nothing of it, but may give themselves other permissions. */
  could_escalate: string[]
  not_known: NotKnown[]
  notes: string[]
}

export interface WhoCanOptions {
  power: PowerName
  /** Only principals of this account. */
  account?: string | undefined
  /** Only who reaches this very resource. */
  resource?: string | undefined
}

/** What both ways of asking need of the run. */
const TABLES = [...iamTables, ...guardrailTables, 'principals', 'principal_powers', 'role_trust']

/**
 * Who holds a power, by which statements, and through which chain of roles.
 * @throws UsageError where the run did not read IAM, or knows no such account or resource
 */
export async function whoCan(run: FinishedRun, options: WhoCanOptions): Promise<WhoCan> {
  const { power, account, resource } = options
  await refuseWithoutIam(run)
  if (account !== undefined) checkAccount(run, account)
  const people = await readPeople(run)
  const found = resource
    ? await heldOverThing(run, people, { power, resource })
    : await heldOverAnything(run, power)
  const chosen = [...found.held].filter(
    ([arn]) => account === undefined || people.byArn.get(arn)?.account === account,
  )
  const rows = new Map((await run.rows('principals')).map((row) => [String(row.arn), row]))
  const trust = Map.groupBy(await run.rows('role_trust'), ({ role_arn }) => String(role_arn))
  const ways = waysInto(
    chosen.map(([arn]) => arn),
    people,
    trust,
  )
  const holders = chosen.map(([arn, over]) =>
    holderOf(run, { arn, over, row: rows.get(arn), ways_in: ways.get(arn) ?? [] }),
  )
  const concerns = (of: string) => (account ?? of) === of && (found.account ?? of) === of
  const missing = await notKnown(run, TABLES)
  const escalating = await escalators(run, found.held)
  return {
    run_id: run.run.run_id,
    as_of: run.run.as_of,
    power,
    account: account ?? null,
    resource: resource ?? null,
    holders: holders.sort(byStrength),
    could_escalate: found.nobody ? [] : escalating.filter((arn) => concerns(accountOf(arn))),
    not_known: missing.filter(({ account_id: of }) => concerns(of)),
    notes: [...found.notes, ROOT_LEFT_OUT],
  }
}

const POLICIES_LEFT_OUT =
  'policies of the things themselves (vaults, keys, buckets) are left out; with --resource those of a vault or a key count'

const ROOT_LEFT_OUT =
  'the root user of an account can do whatever no organization policy denies it, and is not listed'

async function refuseWithoutIam(run: FinishedRun): Promise<void> {
  const [row] = await run.sql(
    "select requested from collectors where collector = 'principals' and requested",
  )
  if (!row)
    throw new UsageError(
      `the run ${run.run.run_id} did not read IAM and the organization's policies (--services left them out): who can do what is not known`,
    )
}

function checkAccount(run: FinishedRun, account: string): void {
  if (run.names.has(account)) return
  const list = [...run.names].map(([id, name]) => `${id} ${name}`.trim()).join(', ')
  throw new UsageError(`the run knows no account ${account}; there are ${list}`)
}

interface Held {
  held: Map<string, PowerHeld[]>
  notes: string[]
  /** The one account whose principals come into question; all where undefined. */
  account: string | undefined
  /** Whether it is certain that nobody holds it, whatever permissions he gives himself. */
  nobody: boolean
}

/** As the run has judged it: over anything of a kind. */
async function heldOverAnything(run: FinishedRun, power: PowerName): Promise<Held> {
  const rows = await run.sql(`
    select principal_arn, service, kind_of_thing, decision, extent, actions, statements
    from principal_powers
    where power = ${literal(power)}
    order by principal_arn, service, kind_of_thing`)
  const held = new Map(
    [...Map.groupBy(rows, (row) => String(row.principal_arn))].map(([arn, own]) => [
      arn,
      own.map((row) => ({
        service: String(row.service),
        kind_of_thing: String(row.kind_of_thing),
        decision: row.decision === 'allowed' ? ('allowed' as const) : ('conditional' as const),
        extent: row.extent === 'all' ? ('all' as const) : ('some' as const),
        actions: JSON.parse(String(row.actions)),
        statements: JSON.parse(String(row.statements)),
        way: null,
      })),
    ]),
  )
  return { held, notes: [POLICIES_LEFT_OUT], account: undefined, nobody: false }
}

async function heldOverThing(
  run: FinishedRun,
  people: People,
  { power, resource }: { power: PowerName; resource: string },
): Promise<Held> {
  const thing = await findThing(run, resource, people.documents)
  const points = thing.vault
    ? await run.sql(
        `select arn from recovery_points where vault_arn = ${literal(String(thing.vault.row.arn))}`,
      )
    : []
  const over = powerOver(power, thing, { points: points as StoredRow[], asOf: run.asOf })
  const asked = [...people.byArn.values()]
    .filter(({ kind }) => kind !== 'service_linked_role')
    .filter(({ account }) => over.reachesOthers || account === thing.account)
  const held = new Map<string, PowerHeld[]>()
  for (const principal of asked) {
    const answer = over.heldBy(principal, people.guardrails(principal.account))
    if (answer.length > 0) held.set(principal.arn, answer)
  }
  const policy = thing.resource.policy
  const unclear = typeof policy === 'object' && policy !== null && !policy.policy
  return {
    held,
    notes: [
      ...(over.nobody ? [over.nobody] : []),
      ...(unclear
        ? ['its policy was not read or cannot be understood: what hangs on it is conditional']
        : []),
      ...thing.notes,
    ],
    account: over.reachesOthers ? undefined : thing.account,
    nobody: over.nobody !== null,
  }
}

interface Found {
  arn: string
  over: PowerHeld[]
  row: StoredRow | undefined
  ways_in: WayIn[]
}

function holderOf(run: FinishedRun, { arn, over, row, ways_in }: Found): Holder {
  const account = accountOf(arn)
  return {
    arn,
    account_id: account,
    account_name: run.names.get(account) ?? '',
    kind: String(row?.kind ?? (arn.includes(':user/') ? 'user' : 'role')),
    access: String(row?.access ?? 'own'),
    break_glass: row?.break_glass === true,
    decision: over.some(({ decision }) => decision === 'allowed') ? 'allowed' : 'conditional',
    over,
    ways_in,
  }
}

function byStrength(a: Holder, b: Holder): number {
  return (
    a.account_id.localeCompare(b.account_id) ||
    a.decision.localeCompare(b.decision) ||
    a.arn.localeCompare(b.arn)
  )
}

async function escalators(run: FinishedRun, held: ReadonlyMap<string, unknown>): Promise<string[]> {
  const rows = await run.sql(
    "select distinct principal_arn from principal_powers where power = 'escalate' order by principal_arn",
  )
  return rows.map((row) => String(row.principal_arn)).filter((arn) => !held.has(arn))
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? ''
}
