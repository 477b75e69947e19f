import type { Counters } from '../aws/meter.ts'
import { type Engine, literal, type Value } from '../engine/engine.ts'
import type { Lake } from '../lake/lake.ts'
import { generationsOf } from './generations.ts'
import type { HubQueries } from './queries.ts'

/** How one account fared. */
export interface AccountPublication {
  account_id: string
  sent: number
  accepted: number
  refused: number
  archived: number
}

/** The publication section of `summary.json`. */
export interface Publication {
  mode: 'local' | 'central'
  generation: number
  /** How many publications of the run this is the sum of. */
  rounds: number
  /** Findings that were sent, whatever became of them. */
  sent: number
  accepted: number
  refused: number
  /** It is not sure whether they arrived; the next publication sends them again. */
  unsure: number
  /** Could not be sent: the hub is off, cannot be reached, or time was up. */
  not_sent: number
  /** Whether another publication of the same run would have more to send: time was up, or this one was full. */
  more: boolean
  /** Held open by a hub, and nothing new to say. */
  unchanged: number
  /** Of those accepted. */
  archived: number
  by_action: Record<string, number>
  by_account: AccountPublication[]
  /** What was refused or not sent, and why. */
  refusals: { outcome: string; code: string; message: string; findings: number }[]
  hubs: { on: number; off: number; unverified: number; unreachable: number }
  /** Hubs that were not on. */
  hubs_not_on: { account_id: string; region: string; status: string; detail: string }[]
  api_calls: number
  retries: number
  throttles: number
}

/**
 * Sums up all publications of a run, of which `last` is the newest. Each finding counts once, with what became of it last: what one
 * round had no time for or was not sure of is the next one's.
 */
export async function sumPublications(
  engine: Engine,
  lake: Lake,
  { runId, last }: { runId: string; last: Publication },
): Promise<Publication> {
  const rounds = await generationsOf(lake, runId)
  if (rounds.length < 2) return last
  const {
    planned: _,
    unsent: __,
    ...said
  } = await sumReceipts(engine, newestReceipts(engine, runId))
  const counted = (counter: keyof Counters) =>
    rounds.reduce((sum, { counters }) => sum + (counters?.[counter] ?? 0), 0)
  return {
    ...last,
    ...said,
    rounds: rounds.length,
    api_calls: counted('calls'),
    retries: counted('retries'),
    throttles: counted('throttles'),
  }
}

function newestReceipts({ dialect }: Engine, runId: string): string {
  return `select * from (
  select p.*, row_number() over (
    partition by finding_id, target_account, target_region order by generation desc, attempt desc) as place
  from ${dialect.runTable('publications', runId)} as p
  where run_id = ${literal(runId)}
) as ranked where place = 1`
}

type Row = Record<string, Value>

const ATTEMPTED = "('accepted', 'refused', 'unsure')"

/** Sums a publication up from its receipts. */
export async function summarizePublication(
  engine: Engine,
  queries: HubQueries,
  {
    mode,
    generation,
    most,
    counters,
  }: Pick<Publication, 'mode' | 'generation'> & { most: number; counters: Counters },
): Promise<Publication> {
  const receipts = await sumReceipts(engine, queries.written('publications'))
  const hubs = (
    await engine.query(`select account_id, region, status, detail from (${queries.written('hubs')}) as h
      order by account_id, region`)
  ).rows
  const [unchanged] = (await engine.query(await queries.unchanged())).rows
  const hubsOf = (status: string) => hubs.filter((hub) => hub.status === status).length
  const { planned, unsent, ...said } = receipts
  return {
    mode,
    generation,
    rounds: 1,
    ...said,
    more: unsent > 0 || planned >= most,
    unchanged: Number(unchanged?.n ?? 0),
    hubs: {
      on: hubsOf('on'),
      off: hubsOf('off'),
      unverified: hubsOf('unverified'),
      unreachable: hubsOf('unreachable'),
    },
    hubs_not_on: hubs
      .filter((hub) => hub.status !== 'on')
      .map((hub) => ({
        account_id: text(hub.account_id),
        region: text(hub.region),
        status: text(hub.status),
        detail: text(hub.detail),
      })),
    api_calls: counters.calls,
    retries: counters.retries,
    throttles: counters.throttles,
  }
}

type Receipts = Pick<
  Publication,
  | 'sent'
  | 'accepted'
  | 'refused'
  | 'unsure'
  | 'not_sent'
  | 'archived'
  | 'by_action'
  | 'by_account'
  | 'refusals'
>

/** Sums receipts up; `planned` is how many there are, and `unsent` those for which time was up. */
async function sumReceipts(
  engine: Engine,
  receipts: string,
): Promise<Receipts & { planned: number; unsent: number }> {
  const ask = async (sql: string): Promise<Row[]> =>
    (await engine.query(sql.replace('{publications}', `(${receipts})`))).rows
  const rows = await ask(
    'select action, outcome, count(*) as n from {publications} as p group by 1, 2',
  )
  const of = (test: (row: Row) => boolean) =>
    rows.filter(test).reduce((sum, row) => sum + Number(row.n), 0)
  const outcome = (name: string) => of((row) => row.outcome === name)
  const accounts = await ask(`
    select target_account as account_id,
      count(case when outcome in ${ATTEMPTED} then 1 end) as sent,
      count(case when outcome = 'accepted' then 1 end) as accepted,
      count(case when outcome = 'refused' then 1 end) as refused,
      count(case when outcome = 'accepted' and action = 'archive' then 1 end) as archived
    from {publications} as p group by target_account order by target_account`)
  const refusals = await ask(`
    select outcome, coalesce(error_code, '') as code, min(coalesce(error_message, '')) as message, count(*) as n
    from {publications} as p where outcome <> 'accepted' group by 1, 2 order by 4 desc, 1, 2 limit 50`)
  const actions = Map.groupBy(rows, (row) => text(row.action))
  const [accepted, refused, unsure] = [outcome('accepted'), outcome('refused'), outcome('unsure')]
  return {
    planned: of(() => true),
    unsent: outcome('not_sent'),
    sent: accepted + refused + unsure,
    accepted,
    refused,
    unsure,
    not_sent: of((row) => !['accepted', 'refused', 'unsure'].includes(text(row.outcome))),
    archived: of((row) => row.outcome === 'accepted' && row.action === 'archive'),
    by_action: Object.fromEntries(
      [...actions]
        .map(([action, some]): [string, number] => [
          action,
          some.reduce((sum, row) => sum + Number(row.n), 0),
        ])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    by_account: accounts.map((row) => ({
      account_id: text(row.account_id),
      sent: Number(row.sent),
      accepted: Number(row.accepted),
      refused: Number(row.refused),
      archived: Number(row.archived),
    })),
    refusals: refusals.map((row) => ({
      outcome: text(row.outcome),
      code: text(row.code),
      message: text(row.message),
      findings: Number(row.n),
    })),
  }
}

function text(value: Value | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}
