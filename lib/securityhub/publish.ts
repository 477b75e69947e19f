import { setTimeout as delay } from 'node:timers/promises'
import { type AwsSettings, callerSession } from '../aws/session.ts'
import type { Config } from '../config/schema.ts'
import { loadControls } from '../engine/controls.ts'
import type { Engine } from '../engine/engine.ts'
import type { Lake } from '../lake/lake.ts'
import type { Table } from '../lake/table.ts'
import type { Run } from '../run.ts'
import { UsageError } from '../usage-error.ts'
import { type HubAccess, lookAtHubs } from './access.ts'
import type { FindingContext, FindingRow } from './asff.ts'
import { type Claim, claimGeneration, currentGeneration, endGeneration } from './generations.ts'
import { type Publication, summarizePublication } from './publication.ts'
import { type HubQueries, openHubQueries } from './queries.ts'
import { sendPlan } from './send.ts'
import { type Slice, sliced, WHOLE } from './slices.ts'
import { openStore, type Store } from './store.ts'
import { textsOf } from './texts.ts'

export interface PublishOptions {
  config: Config
  run: Run
  lake: Lake
  tables: Record<string, Table>
  aws: AwsSettings
  signal?: AbortSignal | undefined
  /** Nothing is sent after it; what is left goes out with the next publication. */
  deadline?: Date | undefined
  /** At most so many findings; what is left is for another publication. */
  most?: number | undefined
  /** Findings that are compared at once; {@link SLICE_FINDINGS} when undefined. */
  sliceFindings?: number | undefined
  /** Waits between two tries; really waits when undefined. */
  wait?: (milliseconds: number) => Promise<void>
}

/** What one publication sends at most: what is read, sent and recorded within a quarter of an hour. */
export const MOST_FINDINGS = 500_000

/** One line of a dry run: what would be sent, and why. */
export type PlannedRow = FindingRow

/**
 * Sends what a run changed to each account's own Security Hub, and records what became of it. What is about to be sent is written
 * down first, so that a publication that is killed is neither forgotten nor believed.
 * @throws UsageError where the run is not judged yet, another is being published, or a later one was
 */
export async function publishRun(engine: Engine, options: PublishOptions): Promise<Publication> {
  const { run, lake, aws } = options
  await refuseUnjudged(engine, run)
  const now = aws.clock()
  const claim = await claimGeneration(lake, run, now)
  return withAccess(options, async (access) => {
    const attempt = `${claim.generation}-${claim.attempt}`
    const at = { ...claim, store: openStore(engine, lake, { runId: run.run_id, attempt }) }
    const { queries, slices } = await plan(engine, options, { access, at, now })
    const until = earlier(claim.until, options.deadline)
    await send(planned(engine, queries, slices), options, { access, at, until })
    await at.store.copy('hub_state', slices, { sql: queries.state })
    const { mode } = options.config.securityhub
    const { generation } = claim
    const { counters } = access
    const most = options.most ?? MOST_FINDINGS
    const about = { mode, generation, most, counters }
    const summary = await summarizePublication(engine, queries, about)
    await endGeneration(lake, run, claim, { now: aws.clock(), counters })
    return summary
  })
}

/**
 * What {@link publishRun} would send, and why. Looks at the hubs, sends nothing and leaves nothing in the lake.
 * @throws UsageError where the run is not judged yet
 */
export async function* planPublication(
  engine: Engine,
  options: PublishOptions,
): AsyncGenerator<PlannedRow[]> {
  const { run, lake, aws } = options
  await refuseUnjudged(engine, run)
  const now = aws.clock()
  const before = await currentGeneration(lake)
  // No publication has a negative number: nobody reads what is written under it.
  const store = openStore(engine, lake, { runId: run.run_id, attempt: `dry-${now.getTime()}` })
  const at = { generation: -1, attempt: 0, before, unended: [], store }
  const whole = { ...options, most: Number.MAX_SAFE_INTEGER }
  try {
    const { queries, slices } = await withAccess(options, (access) =>
      plan(engine, whole, { access, at, now }),
    )
    yield* planned(engine, queries, slices)
  } finally {
    await store.forget('hubs')
    await store.forget('hub_plans')
  }
}

type At = Pick<Claim, 'generation' | 'attempt' | 'before' | 'unended'> & { store: Store }

interface Planning {
  access: HubAccess
  at: At
  now: Date
}

/** Looks at the hubs and writes down what is to be sent. */
async function plan(
  engine: Engine,
  { config, run, tables, aws, deadline, most = MOST_FINDINGS, sliceFindings }: PublishOptions,
  { access, at, now }: Planning,
): Promise<{ queries: HubQueries; slices: Slice[] }> {
  const queries = await openHubQueries(engine, {
    ...at,
    tables,
    runId: run.run_id,
    controls: loadControls(),
    auditAccount: run.discovery.caller_account_id,
    homeRegion: config.securityhub.home_region ?? aws.homeRegion,
    mode: config.securityhub.mode,
    now,
    asOf: new Date(run.as_of),
  })
  const slices = await slicesOf(engine, queries, sliceFindings)
  const found = await lookAtHubs(await targetsOf(engine, queries, slices), access, {
    concurrency: config.concurrency,
    // Half of the time is for sending: a hub that is not asked is told all the same.
    until: deadline && new Date((now.getTime() + deadline.getTime()) / 2),
  })
  const { generation, attempt } = at
  await at.store.fill('hubs', async (file) => {
    for (const hub of found) await file.append({ ...hub, observed_at: now, generation, attempt })
  })
  await at.store.copy('hub_plans', slices, { sql: queries.changes, most })
  return { queries, slices }
}

async function slicesOf(
  engine: Engine,
  queries: HubQueries,
  findings: number | undefined,
): Promise<Slice[]> {
  if (engine.register) return [WHOLE]
  return sliced((await engine.query(await queries.places())).rows, findings)
}

async function targetsOf(engine: Engine, queries: HubQueries, slices: Slice[]) {
  const targets = new Map<string, { account_id: string; region: string }>()
  for (const slice of slices) {
    for (const row of (await engine.query(await queries.targets(slice))).rows) {
      const target = { account_id: String(row.account_id), region: String(row.region) }
      targets.set(`${target.account_id} ${target.region}`, target)
    }
  }
  return [...targets.values()]
}

async function send(
  plan: AsyncIterable<PlannedRow[]>,
  { config, run, signal, wait }: PublishOptions,
  { access, at, until }: { access: HubAccess; at: At; until: Date },
): Promise<void> {
  const context: FindingContext = {
    partition: run.discovery.partition,
    runId: run.run_id,
    texts: new Map(textsOf(loadControls()).map((each) => [each.id, each])),
  }
  await at.store.fill('publications', (receipts) =>
    sendPlan(plan, {
      access,
      context,
      concurrency: config.concurrency,
      wait: wait ?? ((milliseconds) => delay(milliseconds)),
      until,
      signal,
      record: (row) => receipts.append(row),
    }),
  )
}

/** What is planned, slice by slice, and in each in the order of the hubs. */
async function* planned(
  engine: Engine,
  queries: HubQueries,
  slices: Slice[],
): AsyncGenerator<PlannedRow[]> {
  for (const slice of slices) {
    yield* engine.stream(
      `select * from (${queries.written('hub_plans', slice)}) as p order by target_account, target_region, finding_id`,
    )
  }
}

async function withAccess<T>(
  { config, run, aws }: PublishOptions,
  work: (access: HubAccess) => Promise<T>,
): Promise<T> {
  const caller = callerSession(aws, 'caller')
  const { organization_id, partition } = run.discovery
  const roles = {
    auditor: config.role_name,
    publisher: config.publisher_role_name,
    externalId: config.external_id,
  }
  try {
    return await work({
      aws,
      caller,
      partition,
      runId: run.run_id,
      roles: organization_id ? roles : undefined,
      counters: { calls: 0, retries: 0, throttles: 0 },
    })
  } finally {
    caller.close()
  }
}

/** Scores are written last: a run that has none is not judged to the end. */
async function refuseUnjudged(engine: Engine, { run_id }: Run): Promise<void> {
  const { rows } = await engine.query(
    `select count(*) as n from ${engine.dialect.runTable('scores', run_id)} where run_id = '${run_id}'`,
  )
  if (Number(rows[0]?.n ?? 0) > 0) return
  throw new UsageError(`the run ${run_id} is not judged yet; strongroom audit --resume goes on`)
}

function earlier(a: Date, b: Date | undefined): Date {
  return b && b < a ? b : a
}
