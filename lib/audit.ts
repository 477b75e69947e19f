import type { AwsSettings } from './aws/session.ts'
import { callerSession, type Session } from './aws/session.ts'
import type { Slice } from './collect/answer.ts'
import type { Unit } from './collect/collect-unit.ts'
import { collectInPasses } from './collect/passes.ts'
import { type ConcludingStep, conclude } from './conclude.ts'
import type { Config } from './config/schema.ts'
import { discover } from './discover.ts'
import { loadControls } from './engine/controls.ts'
import { openDuckdb } from './engine/duckdb.ts'
import { loadLastReads } from './lake/carry-forward.ts'
import { type Lake, openLake } from './lake/lake.ts'
import { isWhole, ownVersion, planUnits } from './plan.ts'
import { reportPublication } from './report/publication.ts'
import type { Summary } from './report/summary.ts'
import { configHash, newRunId, type Run, readRun, writeConfig, writeRun } from './run.ts'
import { chosenControls } from './scope.ts'
import { publishRun } from './securityhub/publish.ts'
import { lakeTables, loadSources, requestedSources } from './sources.ts'

export type AuditStep = 'discover' | 'collect' | 'publish' | ConcludingStep

export type ProgressEvent =
  | { type: 'step'; name: AuditStep }
  | { type: 'discovered'; run_id: string; accounts: number; regions: number; slices: number }
  | {
      type: 'slice'
      account_id: string
      region: string
      collector: string
      status: Slice['status']
    }
  | { type: 'unit'; account_id: string; slices: number }

export interface AuditOptions {
  config: Config
  /** The folder that everything is written to. */
  lake: string
  /** The ordinary AWS credential chain when undefined. */
  credentials?: AwsSettings['credentials']
  /** One address for all services; AWS's own when undefined. */
  endpoint?: string | undefined
  /** Region of STS and of the organization-wide calls. */
  region: string
  clock: () => Date
  /** The run to go on with, or to ask again for what it could not read; a new one when undefined. */
  resume?: string | undefined
  onProgress?: (event: ProgressEvent) => void
  /** Stops between units; the run can then be resumed. */
  signal?: AbortSignal
  /** Whether what changed is sent to Security Hub. */
  publish?: boolean
  /** Milliseconds until an answer of AWS must have come. */
  requestTimeoutMs?: number
  /** Attempts per call, the first included. */
  maxAttempts?: number
}

export interface AuditResult {
  run_id: string
  lake: string
  summary: Summary
}

/**
 * The audit from top to bottom: discover, collect, derive, reconcile, compact, score, report; then publish, where asked.
 * @throws UsageError for what the caller can mend; what AWS answered where the organization cannot be read at all
 */
export async function audit(options: AuditOptions): Promise<AuditResult> {
  const { config, clock, onProgress = () => undefined } = options
  const step = (name: AuditStep) => onProgress({ type: 'step', name })
  const lake = openLake(options.lake)
  const sources = await loadSources()
  const requested = requestedSources(sources, config).collectors
  chosenControls(loadControls(), config)
  const aws: AwsSettings = {
    credentials: options.credentials,
    endpoint: options.endpoint,
    homeRegion: options.region,
    budgetShare: config.budget_share,
    clock,
    ...(options.requestTimeoutMs ? { requestTimeoutMs: options.requestTimeoutMs } : {}),
    ...(options.maxAttempts ? { maxAttempts: options.maxAttempts } : {}),
  }
  const caller = callerSession(aws, 'caller')
  const engine = await openDuckdb({
    lake: lake.root,
    tables: lakeTables(sources),
    limits: config.duckdb,
  })
  try {
    step('discover')
    const run = await startOrResume(options, lake, caller)
    const units = planUnits(run.discovery, requested)
    onProgress({ type: 'discovered', ...sizeOf(run, units) })

    step('collect')
    await collectInPasses(units, {
      runId: run.run_id,
      lake,
      partition: run.discovery.partition,
      collectors: sources.collectors,
      aws,
      caller,
      role: run.discovery.organization_id
        ? { name: config.role_name, externalId: config.external_id }
        : undefined,
      perItemCalls: config.per_item_calls,
      lastReads: (accountId) =>
        loadLastReads(engine, accountId, {
          runId: run.run_id,
          asOf: new Date(run.as_of),
          maxAgeDays: config.evidence_max_age_days,
        }),
      concurrency: config.concurrency,
      signal: options.signal,
      onSlice: (slice) => onProgress({ type: 'slice', ...sliceEvent(slice) }),
      onUnit: (unit) =>
        onProgress({ type: 'unit', account_id: unit.account_id, slices: unit.slices.length }),
    })

    const homeRegion = options.region
    let summary = await conclude(run, { ...options, homeRegion, step })
    if (options.publish) {
      step('publish')
      const { signal } = options
      const tables = lakeTables(sources)
      const publication = await publishRun(engine, { config, run, lake, tables, aws, signal })
      summary = await reportPublication(engine, lake, run.run_id, publication)
    }
    return { run_id: run.run_id, lake: lake.root, summary }
  } finally {
    engine.close()
    caller.close()
  }
}

async function startOrResume(options: AuditOptions, lake: Lake, caller: Session): Promise<Run> {
  const { config, clock, resume, region } = options
  const version = await ownVersion()
  if (resume !== undefined) return readRun(lake, resume, { config, version, now: clock() })
  const started = clock()
  const counters = { calls: 0, retries: 0, throttles: 0 }
  const discovery = await discover(caller, { config, region, counters })
  const run: Run = {
    run_id: newRunId(started),
    version,
    started_at: started.toISOString(),
    as_of: started.toISOString(),
    config_hash: configHash(config),
    scope_complete: isWhole(config),
    discovery,
    discovery_calls: counters,
  }
  await writeRun(lake, run)
  await writeConfig(lake, run.run_id, config)
  return run
}

function sizeOf(run: Run, units: Unit[]) {
  return {
    run_id: run.run_id,
    accounts: run.discovery.accounts.filter((account) => account.not_audited_reason === null)
      .length,
    regions: run.discovery.regions.length,
    slices: units.reduce((sum, unit) => sum + unit.slices.length, 0),
  }
}

function sliceEvent({ account_id, region, collector, status }: Slice) {
  return { account_id, region, collector, status }
}
