import type { Counters } from '../aws/meter.ts'
import type { Engine, Value } from '../engine/engine.ts'
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
  const ask = async (sql: string): Promise<Row[]> =>
    (await engine.query(sql.replace('{publications}', `(${queries.written('publications')})`))).rows
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
  const hubs = (
    await engine.query(`select account_id, region, status, detail from (${queries.written('hubs')}) as h
      order by account_id, region`)
  ).rows
  const [unchanged] = (await engine.query(await queries.unchanged())).rows
  const hubsOf = (status: string) => hubs.filter((hub) => hub.status === status).length
  const actions = Map.groupBy(rows, (row) => text(row.action))
  const [accepted, refused, unsure] = [outcome('accepted'), outcome('refused'), outcome('unsure')]
  return {
    mode,
    generation,
    sent: accepted + refused + unsure,
    accepted,
    refused,
    unsure,
    not_sent: of((row) => !['accepted', 'refused', 'unsure'].includes(text(row.outcome))),
    more: outcome('not_sent') > 0 || of(() => true) >= most,
    unchanged: Number(unchanged?.n ?? 0),
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

function text(value: Value | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}
