import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Counters } from './aws/meter.ts'
import type { Config } from './config/schema.ts'
import type { Discovery } from './discover.ts'
import type { Lake } from './lake/lake.ts'
import { UsageError } from './usage-error.ts'

/** What `runs/<run_id>/run.json` says: all that a resumed run must know to be the same run. */
export interface Run {
  run_id: string
  version: string
  started_at: string
  /** The run's one clock: every judgement is as of this time. */
  as_of: string
  config_hash: string
  /** Whether the run covers every account, Region and service. */
  scope_complete: boolean
  discovery: Discovery
  /** What finding that out took. */
  discovery_calls: Counters
}

/** An interrupted run is resumed within this time: after it, half of the evidence would be of another day. */
const RESUMABLE_MS = 24 * 60 * 60 * 1000

const runSchema = z.looseObject({
  run_id: z.string(),
  version: z.string(),
  started_at: z.string(),
  as_of: z.string(),
  config_hash: z.string(),
  scope_complete: z.boolean(),
  discovery_calls: z.object({ calls: z.number(), retries: z.number(), throttles: z.number() }),
  discovery: z.looseObject({ accounts: z.array(z.looseObject({ account_id: z.string() })) }),
})

/** `20261123T074500Z-4f9c21`: the start in UTC and a random suffix. */
export function newRunId(start: Date): string {
  const stamp = start.toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return `${stamp}-${randomBytes(3).toString('hex')}`
}

/** What a run is made with, apart from how fast and where: a resumed run must have the same. */
export function configHash(config: Config): string {
  const { concurrency: _, budget_share: __, lake: ___, deployment: ____, ...rest } = config
  const {
    securityhub: _____,
    publisher_role_name: ______,
    fail_on: _______,
    duckdb: ________,
    ...judged
  } = rest
  return createHash('sha256').update(JSON.stringify(judged)).digest('hex').slice(0, 16)
}

export async function writeRun(lake: Lake, run: Run): Promise<void> {
  const created = await lake.createIfAbsent(
    `runs/${run.run_id}/run.json`,
    `${JSON.stringify(run, undefined, 2)}\n`,
  )
  if (!created) throw new UsageError(`the run ${run.run_id} exists in ${lake.root} already`)
}

/**
 * Reads a run that is to be resumed.
 * @throws UsageError where there is no such run, or it was another version's, configuration's or day's
 */
export async function readRun(
  lake: Lake,
  runId: string,
  expected: { config: Config; version: string; now: Date },
): Promise<Run> {
  const run = await openRun(lake, runId)
  const age = expected.now.getTime() - Date.parse(run.started_at)
  const refusal =
    (run.version !== expected.version &&
      `it was started by version ${run.version}, this is ${expected.version}`) ||
    (run.config_hash !== configHash(expected.config) &&
      'it was started with another configuration') ||
    (age > RESUMABLE_MS && 'it was started more than a day ago')
  if (refusal) throw new UsageError(`cannot resume ${runId}: ${refusal}; start a new audit`)
  return run
}

/** Keeps the configuration that a run is made with, so that what follows from it can be computed again. */
export async function writeConfig(lake: Lake, runId: string, config: Config): Promise<void> {
  await lake.createIfAbsent(configName(runId), `${JSON.stringify(config, undefined, 2)}\n`)
}

/**
 * Reads the configuration that a run was made with.
 * @throws UsageError where the run kept none, or another
 */
export async function readConfig(lake: Lake, run: Run): Promise<Config> {
  const file = lake.path(configName(run.run_id))
  let config: Config
  try {
    config = JSON.parse(await lake.read(configName(run.run_id)))
  } catch (cause) {
    throw new UsageError(
      `the configuration of the run is not in ${file}: it is damaged, or an earlier version made the run`,
      { cause },
    )
  }
  if (configHash(config) === run.config_hash) return config
  throw new UsageError(`${file} is not the configuration that the run was made with`)
}

/** The pipeline keeps it in the same place. */
function configName(runId: string): string {
  return `runs/${runId}/config.json`
}

/**
 * Reads what a run was asked, whoever asked it and whenever.
 * @throws UsageError where there is no such run
 */
export async function openRun(lake: Lake, runId: string): Promise<Run> {
  if (!/^[\w-]+$/.test(runId)) throw new UsageError(`${JSON.stringify(runId)} is not a run id`)
  let text: string
  try {
    text = await lake.read(`runs/${runId}/run.json`)
  } catch (cause) {
    throw new UsageError(`there is no run ${runId} in ${lake.root}`, { cause })
  }
  try {
    runSchema.parse(JSON.parse(text))
    return JSON.parse(text) as Run
  } catch (cause) {
    throw new UsageError(`${lake.path(`runs/${runId}/run.json`)} is damaged`, { cause })
  }
}
