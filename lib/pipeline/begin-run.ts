import { createHash } from 'node:crypto'
import type { AwsSettings, Session } from '../aws/session.ts'
import { type Config, configSchema } from '../config/schema.ts'
import { discover } from '../discover.ts'
import type { Lake } from '../lake/lake.ts'
import { isWhole, ownVersion } from '../plan.ts'
import { configHash } from '../run.ts'
import { type DiscoverEvent, type PlannedUnit, type RunState, startInput } from './payloads.ts'
import { readIfThere, runFiles, type StoredRun, unitsOf, writeLines } from './run-files.ts'

export interface BeginOptions {
  lake: Lake
  /** The deployed configuration; the execution's input may narrow its scope. */
  config: Config
  aws: AwsSettings
  caller: Session
}

/**
 * Names the run, discovers what it covers and plans its first pass. A run that another execution has begun is left alone; one
 * that this execution has begun, in an attempt that died, is gone on with.
 * @throws ZodError where the execution was started with something else than a scope
 */
export async function beginRun(event: DiscoverEvent, options: BeginOptions): Promise<RunState> {
  const { lake, aws, caller } = options
  const { scheduled_time: scheduled, scope = {} } = startInput.parse(event.input ?? {})
  const config = configSchema.parse({ ...options.config, ...scope })
  const asOf = new Date(scheduled ?? event.started_at)
  const runId = nameRun(asOf, scheduled ? configHash(config) : event.execution)
  const begun = await readRun(lake, runId)
  if (begun && begun.execution !== event.execution) return duplicateOf(runId)
  const run = begun ?? (await discoverRun())
  if (!begun && !(await lake.createIfAbsent(runFiles.run(runId), JSON.stringify(run)))) {
    const other = await readRun(lake, runId)
    if (other?.execution !== event.execution) return duplicateOf(runId)
  }
  return planFirstPass(lake, { run, config })

  async function discoverRun(): Promise<StoredRun['run']> {
    const counters = { calls: 0, retries: 0, throttles: 0 }
    const discovery = await discover(caller, { config, region: aws.homeRegion, counters })
    return {
      run_id: runId,
      version: await ownVersion(),
      started_at: new Date(event.started_at).toISOString(),
      as_of: asOf.toISOString(),
      config_hash: configHash(config),
      scope_complete: isWhole(config),
      discovery,
      discovery_calls: counters,
      execution: event.execution,
    }
  }
}

async function planFirstPass(lake: Lake, stored: StoredRun): Promise<RunState> {
  const { run, config } = stored
  const units: PlannedUnit[] = [...(await unitsOf(stored)).values()].map(
    ({ unit, account_id, pass }) => ({ unit, account_id, pass }),
  )
  const units_key = runFiles.units(run.run_id, 1)
  await lake.write(runFiles.config(run.run_id), `${JSON.stringify(config, undefined, 2)}\n`)
  await writeLines(lake, units_key, units)
  // Two units may be of one account: its own, and the organization's.
  const accounts = new Set(units.map(({ account_id }) => account_id))
  await writeLines(
    lake,
    runFiles.accounts(run.run_id),
    [...accounts].map((account_id) => ({ account_id })),
  )
  const { run_id, scope_complete } = run
  return { run_id, duplicate: false, scope_complete, pass: 1, open: units.length, units_key }
}

/** `20261123T074500Z-4f9c21`: the time the run judges as of, and a hash that tells equal runs from different ones. */
function nameRun(at: Date, identity: string): string {
  const stamp = at.toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return `${stamp}-${createHash('sha256').update(identity).digest('hex').slice(0, 6)}`
}

async function readRun(lake: Lake, runId: string): Promise<StoredRun['run'] | undefined> {
  const text = await readIfThere(lake, runFiles.run(runId))
  return text === undefined ? undefined : JSON.parse(text)
}

function duplicateOf(run_id: string): RunState {
  return { run_id, duplicate: true, scope_complete: false, pass: 0, open: 0, units_key: '' }
}
