import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { AwsSettings } from './aws/session.ts'
import { callerSession, type Session } from './aws/session.ts'
import type { Answer, Slice } from './collect/answer.ts'
import type { Unit } from './collect/collect-unit.ts'
import { collectInPasses } from './collect/passes.ts'
import type { Collector } from './collectors/collector.ts'
import { loadCollectors } from './collectors/load.ts'
import type { Config } from './config/schema.ts'
import { type Discovery, discover } from './discover.ts'
import { type Control, loadControls } from './engine/controls.ts'
import { openDuckdb } from './engine/duckdb.ts'
import { scoreRun } from './engine/score.ts'
import { compactRun, computeCoverage } from './lake/compact.ts'
import { type Lake, openLake } from './lake/lake.ts'
import { resultTables, runTables } from './lake/run-tables.ts'
import type { Table } from './lake/table.ts'
import { reconcile } from './reconcile.ts'
import type { Summary } from './report/summary.ts'
import { writeReport } from './report/write-report.ts'
import { configHash, newRunId, type Run, readRun, writeRun } from './run.ts'
import { UsageError } from './usage-error.ts'

export type AuditStep = 'discover' | 'collect' | 'reconcile' | 'compact' | 'score' | 'report'

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
  /** The run to go on with; a new one when undefined. */
  resume?: string | undefined
  onProgress?: (event: ProgressEvent) => void
  /** Stops between units; the run can then be resumed. */
  signal?: AbortSignal
  /** Milliseconds until an answer of AWS must have come. */
  requestTimeoutMs?: number
}

export interface AuditResult {
  run_id: string
  lake: string
  summary: Summary
}

/**
 * The audit from top to bottom: discover, collect, reconcile, compact, score, report.
 * @throws UsageError for what the caller can mend; what AWS answered where the organization cannot be read at all
 */
export async function audit(options: AuditOptions): Promise<AuditResult> {
  const { config, clock, onProgress = () => undefined } = options
  const step = (name: AuditStep) => onProgress({ type: 'step', name })
  const lake = openLake(options.lake)
  const all = await loadCollectors()
  const requested = requestedCollectors(all, config)
  chosenControls(loadControls(), config)
  const aws: AwsSettings = {
    credentials: options.credentials,
    endpoint: options.endpoint,
    homeRegion: options.region,
    budgetShare: config.budget_share,
    clock,
    ...(options.requestTimeoutMs ? { requestTimeoutMs: options.requestTimeoutMs } : {}),
  }
  const caller = callerSession(aws, 'caller')
  try {
    step('discover')
    const run = await startOrResume(options, lake, caller)
    const units = planUnits(run.discovery, requested)
    onProgress({ type: 'discovered', ...sizeOf(run, units) })

    step('collect')
    const answers = await collectInPasses(units, {
      runId: run.run_id,
      lake,
      partition: run.discovery.partition,
      collectors: all,
      aws,
      caller,
      role: run.discovery.organization_id
        ? { name: config.role_name, externalId: config.external_id }
        : undefined,
      concurrency: config.concurrency,
      signal: options.signal,
      onSlice: (slice) => onProgress({ type: 'slice', ...sliceEvent(slice) }),
      onUnit: (unit) =>
        onProgress({ type: 'unit', account_id: unit.account_id, slices: unit.slices.length }),
    })

    const summary = await conclude(run, { ...options, answers, step })
    return { run_id: run.run_id, lake: lake.root, summary }
  } finally {
    caller.close()
  }
}

export interface ConcludeOptions {
  config: Config
  lake: string
  clock: () => Date
  answers: Answer[]
  step?: (name: AuditStep) => void
}

/** What follows collecting: reconcile, compact, score and report, from nothing but the answers and what they name. */
export async function conclude(run: Run, options: ConcludeOptions): Promise<Summary> {
  const { config, clock, answers, step = () => undefined } = options
  const lake = openLake(options.lake)
  const collectors = await loadCollectors()
  const requested = new Set(requestedCollectors(collectors, config).keys())
  const controls = chosenControls(loadControls(), config)
  const tables = tablesOf(collectors)

  step('reconcile')
  const staged = await reconcile({ lake, run, config, collectors, requested, controls, answers })
  const engine = await openDuckdb({ lake: lake.root, tables })
  const at = { lake: lake.root, runId: run.run_id }
  try {
    step('compact')
    await compactRun(engine, { ...at, tables: inventoryTablesOf(collectors), staged })
    await computeCoverage(engine, { ...at, tables })
    step('score')
    const attempt = randomBytes(4).toString('hex')
    await scoreRun(engine, { ...at, tables, controls, attempt })
    step('report')
    return await writeReport(engine, {
      ...at,
      startedAt: new Date(run.started_at),
      finishedAt: clock(),
    })
  } finally {
    engine.close()
  }
}

/** Every table of a lake: the collectors' and the run's own, findings and scores included. */
export function tablesOf(collectors: Map<string, Collector>): Record<string, Table> {
  return { ...inventoryTablesOf(collectors), ...resultTables }
}

function inventoryTablesOf(collectors: Map<string, Collector>): Record<string, Table> {
  const collected = [...collectors.values()].map((collector) => collector.tables)
  return Object.assign({}, ...collected, runTables)
}

function requestedCollectors(
  collectors: Map<string, Collector>,
  { services }: Config,
): Map<string, Collector> {
  const known = new Set([...collectors.values()].map((collector) => collector.service))
  const missing = services.filter((service) => !known.has(service))
  if (missing.length > 0) {
    const list = [...known].sort().join(', ')
    throw new UsageError(`no collector reads ${missing.join(', ')}; there are ${list}`)
  }
  if (services.length === 0) return collectors
  return new Map([...collectors].filter(([, { service }]) => services.includes(service)))
}

function chosenControls(controls: Control[], config: Config): Control[] {
  const known = new Set(controls.map((control) => control.id))
  const named = [...config.controls, ...Object.keys(config.severities)]
  const missing = named.filter((id) => !known.has(id))
  if (missing.length > 0) throw new UsageError(`no such control: ${missing.join(', ')}`)
  return controls
    .filter(({ id }) => config.controls.length === 0 || config.controls.includes(id))
    .map((control) => ({ ...control, severity: config.severities[control.id] ?? control.severity }))
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
  }
  await writeRun(lake, run)
  return run
}

function isWhole({
  accounts,
  ous,
  regions,
  services,
  controls,
  exclude_accounts,
}: Config): boolean {
  return [accounts, ous, regions, services, controls, exclude_accounts].every(
    (filter) => filter.length === 0,
  )
}

/** One unit for each account that is audited. Its name begins with the account's id. */
function planUnits(discovery: Discovery, collectors: Map<string, Collector>): Unit[] {
  return discovery.accounts
    .filter((account) => account.not_audited_reason === null)
    .map(({ account_id }) => ({
      unit: `${account_id}-1`,
      account_id,
      pass: 1,
      slices: discovery.regions.flatMap((region) =>
        [...collectors.keys()].map((collector) => ({ region, collector })),
      ),
    }))
}

function sizeOf(run: Run, units: Unit[]) {
  return {
    run_id: run.run_id,
    accounts: units.length,
    regions: run.discovery.regions.length,
    slices: units.reduce((sum, unit) => sum + unit.slices.length, 0),
  }
}

function sliceEvent({ account_id, region, collector, status }: Slice) {
  return { account_id, region, collector, status }
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  const { version }: { version: string } = JSON.parse(text)
  return version
}
