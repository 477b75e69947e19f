import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackupClient, ListRecoveryPointsByBackupVaultCommand } from '@aws-sdk/client-backup'
import { type AwsSettings, callerSession, memberSession, type Session } from '../lib/aws/session.ts'
import { collectUnit, type UnitContext } from '../lib/collect/collect-unit.ts'
import { openUnitSpool } from '../lib/collect/unit-spool.ts'
import { loadCollectors } from '../lib/collectors/load.ts'
import { openLake } from '../lib/lake/lake.ts'
import { createParquetFile } from '../lib/lake/parquet.ts'
import { newRunId } from '../lib/run.ts'
import { round } from './round.ts'
import { type SimulatorChild, startSimulatorChild } from './simulator-child.ts'

/** Pages without keeping anything, or collects into a lake. */
export type Way = 'paged' | 'collected'

const BUDGET_SHARE = 0.5
const counters = () => ({ calls: 0, retries: 0, throttles: 0 })

/** Reads a vault of so many recovery points at the pace that the budget of the quota leaves: a half of 20 pages a second. */
export async function collectPoints(count: number, way: Way) {
  const simulator = await startSimulatorChild({
    accounts: 3,
    regions: 1,
    latencyMs: 20,
    recoveryPointsPerVault: 1,
    madeUpPoints: count,
  })
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-bench-'))
  try {
    const cpu = process.cpuUsage()
    const started = performance.now()
    const read =
      way === 'paged' ? await pagePoints(simulator) : await collectInto(folder, simulator)
    const seconds = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(cpu)
    if (read.rows !== count) throw new Error(`${read.rows} of ${count} recovery points were read`)
    return {
      recovery_points: count,
      way,
      api_calls: read.calls,
      throttles: read.throttles,
      seconds: round(seconds),
      cpu_seconds: round((user + system) / 1e6),
      peak_resident_mb: round(process.resourceUsage().maxRSS / 1024),
      simulator_cpu_seconds: round((await simulator.stop()).cpu_seconds),
    }
  } finally {
    simulator.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

function settingsFor({ url, credentials, homeRegion }: SimulatorChild): AwsSettings {
  const clock = () => new Date()
  return { credentials, endpoint: url, homeRegion, budgetShare: BUDGET_SHARE, clock }
}

function placeOf({ planted }: SimulatorChild) {
  if (planted === undefined) throw new Error('the simulator planted no recovery points')
  return planted
}

async function pagePoints(simulator: SimulatorChild) {
  const { accountId, region } = placeOf(simulator)
  const aws = settingsFor(simulator)
  const caller = callerSession(aws, 'caller')
  const counted = counters()
  let session: Session | undefined
  let rows = 0
  try {
    const roleArn = `arn:aws:iam::${accountId}:role/${simulator.roleName}`
    const { externalId } = simulator
    const role = { accountId, roleArn, externalId, sessionName: 'bench' }
    session = await memberSession(aws, caller, role, counted)
    let NextToken: string | undefined
    do {
      const input = { BackupVaultName: 'bench', MaxResults: 1000, NextToken }
      const command = new ListRecoveryPointsByBackupVaultCommand(input)
      const page = await session.send(BackupClient, command, { region, counters: counted })
      rows += page.RecoveryPoints?.length ?? 0
      NextToken = page.NextToken
    } while (NextToken)
  } finally {
    session?.close()
    caller.close()
  }
  return { rows, ...counted }
}

async function collectInto(folder: string, simulator: SimulatorChild) {
  const { accountId, region } = placeOf(simulator)
  const aws = settingsFor(simulator)
  const caller = callerSession(aws, 'caller')
  const lake = openLake(folder)
  const unit = {
    unit: `${accountId}-1`,
    account_id: accountId,
    pass: 1,
    slices: [{ region, collector: 'backup' }],
  }
  const context: UnitContext = {
    runId: newRunId(new Date()),
    attempt: 'bench',
    partition: 'aws',
    collectors: await loadCollectors(),
    aws,
    caller,
    role: { name: simulator.roleName, externalId: simulator.externalId },
    perItemCalls: 200,
    lastReads: async () => () => undefined,
    finished: [],
    spool: openUnitSpool((object, table) => createParquetFile(table, lake.path(object))),
    onSlice: async () => undefined,
  }
  try {
    const { slices } = await collectUnit(unit, context)
    const [slice] = slices
    if (slice?.status !== 'complete') throw new Error(`the slice is ${JSON.stringify(slice)}`)
    const { calls, throttles } = slice
    return { rows: slice.rows.recovery_points ?? 0, calls, throttles }
  } finally {
    caller.close()
  }
}
