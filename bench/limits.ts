import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackupClient, ListBackupVaultsCommand } from '@aws-sdk/client-backup'
import pLimit from 'p-limit'
import { type AwsSettings, callerSession, memberSession } from '../lib/aws/session.ts'
import { collectUnit } from '../lib/collect/collect-unit.ts'
import { openUnitSpool } from '../lib/collect/unit-spool.ts'
import { loadCollectors } from '../lib/collectors/load.ts'
import { openLake } from '../lib/lake/lake.ts'
import { createParquetFile } from '../lib/lake/parquet.ts'
import { newRunId } from '../lib/run.ts'
import { longestChain, type RecordedCall, recording } from './call-chain.ts'
import { round } from './round.ts'
import { type SimulatorChild, startSimulatorChild } from './simulator-child.ts'

/** AssumeRole, and which Regions are switched on: both come before anything is collected. */
const CALLS_TO_ENTER = 2

/** A share of the quotas by which none of them is ever felt. */
const WITHOUT_BUDGET = 1000

/** The cell of a process by which its code is compiled: an organization has thousands. */
const WARM = 30

/** What a cell takes, against its longest chain of calls that need one another, where no quota holds it up. */
export async function cellAgainstChain(latencyMs: number) {
  const simulator = await startSimulatorChild({
    accounts: 3 + WARM,
    regions: 2,
    latencyMs,
    recoveryPointsPerVault: 50,
    quotas: false,
  })
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-bench-'))
  try {
    const cells = []
    // One behind another, of accounts with workloads.
    for (const accountId of simulator.accountIds.slice(3)) {
      cells.push(await collectCell(simulator, { accountId, latencyMs, folder }))
    }
    const [first, second] = cells
    return {
      latency_ms: latencyMs,
      first_cell: first,
      second_cell: second,
      warm_cell: cells.at(-1),
    }
  } finally {
    simulator.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

interface CellToCollect {
  accountId: string
  latencyMs: number
  folder: string
}

async function collectCell(simulator: SimulatorChild, of: CellToCollect) {
  const { accountId, latencyMs, folder } = of
  const calls: RecordedCall[] = []
  const cells = [...(await loadCollectors())].filter(([, { scope }]) => scope === 'cell')
  const aws = settingsFor(simulator, WITHOUT_BUDGET)
  const caller = callerSession(aws, 'caller')
  const lake = openLake(join(folder, accountId))
  const slices = cells.map(([collector]) => ({ region: simulator.homeRegion, collector }))
  const unit = { unit: `${accountId}-1`, account_id: accountId, pass: 1, slices }
  const cpu = process.cpuUsage()
  const started = performance.now()
  const answer = await collectUnit(unit, {
    runId: newRunId(new Date()),
    attempt: 'bench',
    partition: 'aws',
    spool: openUnitSpool((object, table) => createParquetFile(table, lake.path(object))),
    collectors: new Map(cells.map(([name, one]) => [name, recording(name, one, calls)])),
    aws,
    caller,
    role: { name: simulator.roleName, externalId: simulator.externalId },
    perItemCalls: 200,
    lastReads: async () => () => undefined,
    finished: [],
    onSlice: async () => undefined,
  })
  const milliseconds = performance.now() - started
  const { user, system } = process.cpuUsage(cpu)
  caller.close()
  const chain = CALLS_TO_ENTER + longestChain(calls)
  const chainOf = (name: string) => longestChain(calls.filter((one) => one.collector === name))
  const chains = cells.map(([name]) => [name, chainOf(name)] as const)
  const longest = chains.toSorted(([, a], [, b]) => b - a).slice(0, 3)
  return {
    api_calls: answer.slices.reduce((sum, slice) => sum + slice.calls, 0),
    chain,
    longest_chains: Object.fromEntries(longest),
    milliseconds: round(milliseconds),
    cpu_milliseconds: round((user + system) / 1000),
    times_the_chain: round(milliseconds / (chain * latencyMs)),
  }
}

function settingsFor(simulator: SimulatorChild, budgetShare: number): AwsSettings {
  const { url: endpoint, credentials, homeRegion } = simulator
  return { credentials, endpoint, homeRegion, budgetShare, clock: () => new Date() }
}

/** AWS Backup's published quota of its lists, as the budgets and the simulator have it. */
const LIST_QUOTA = { perSecond: 20, burst: 20 }

/** How much of what the budget grants of one API is used, by one caller after another and by eight at once. */
export async function rateAgainstBudget(seconds: number) {
  const measured = []
  for (const share of [0.5, 1]) {
    for (const atOnce of [1, 8]) measured.push(await useBudget({ share, atOnce, seconds }))
  }
  return measured
}

interface BudgetUse {
  share: number
  atOnce: number
  seconds: number
}

async function useBudget({ share, atOnce, seconds: planned }: BudgetUse) {
  const simulator = await startSimulatorChild({
    accounts: 3,
    regions: 1,
    latencyMs: 20,
    recoveryPointsPerVault: 1,
  })
  const aws = settingsFor(simulator, share)
  const caller = callerSession(aws, 'caller')
  const accountId = simulator.accountIds.at(-1) ?? ''
  const counters = { calls: 0, retries: 0, throttles: 0 }
  const entering = { calls: 0, retries: 0, throttles: 0 }
  const { externalId, homeRegion: region, roleName } = simulator
  const roleArn = `arn:aws:iam::${accountId}:role/${roleName}`
  const role = { accountId, roleArn, externalId, sessionName: 'bench' }
  const session = await memberSession(aws, caller, role, entering)
  try {
    const rate = LIST_QUOTA.perSecond * share
    const burst = LIST_QUOTA.burst * share
    const count = Math.round(burst + rate * planned)
    const limit = pLimit(atOnce)
    const call = () =>
      session.send(BackupClient, new ListBackupVaultsCommand({}), { region, counters })
    const started = performance.now()
    await Promise.all(Array.from({ length: count }, () => limit(call)))
    const seconds = (performance.now() - started) / 1000
    return {
      budget_share: share,
      at_once: atOnce,
      calls: counters.calls,
      seconds: round(seconds),
      throttles: counters.throttles,
      of_what_was_granted: round(counters.calls / (burst + rate * seconds)),
    }
  } finally {
    session.close()
    caller.close()
    simulator.kill()
  }
}
