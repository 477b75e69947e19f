import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { round } from '../round.ts'
import {
  type SimulatorChild,
  type SimulatorReport,
  startSimulatorChild,
} from '../simulator-child.ts'
import type { Measured } from './measured-process.ts'
import { type ProwlerRun, runProwler } from './prowler.ts'
import { SERVICES } from './prowler-checks.ts'
import type { Scanned } from './scanned.ts'
import { runStrongroom } from './strongroom.ts'

export interface SideBySide {
  /** The `bin` folder of the environment that Prowler is installed in. */
  bin: string
  measured: {
    /** Accounts that are audited: the first so many of the same organization. */
    accounts: number
    /** Of recovery points Prowler asks one by one for their tags. */
    recoveryPointsPerVault: number
  }[]
  regions: number
  latencyMs: number
  /** Processes of Prowler under way at a time. */
  atOnce: number[]
}

/** One organization to be audited. */
interface Like {
  bin: string
  regions: number
  latencyMs: number
  recoveryPointsPerVault: number
}

/** What Prowler may do: more than it asks for. */
const READER = { name: 'ProwlerScan', allow: ['*:Describe*', '*:Get*', '*:List*'] }
/** Accounts of the organization: the management account, the audit's, and eight with workloads. */
const ACCOUNTS = 10

/** Both on the same simulated organization, each from a simulator that was just started. */
export async function sideBySide(size: SideBySide) {
  const measured = []
  const { regions, latencyMs } = size
  for (const { accounts, recoveryPointsPerVault } of size.measured) {
    const like = { bin: size.bin, regions, latencyMs, recoveryPointsPerVault }
    const strongroom = await withSimulator(like, (simulator, folder) =>
      strongroomOn(like, simulator, { accounts, folder }),
    )
    const prowler: Record<string, Awaited<ReturnType<typeof prowlerRuns>>> = {}
    for (const atOnce of size.atOnce) {
      if (atOnce > accounts) continue
      prowler[`at once: ${atOnce}`] = await prowlerRuns(like, { accounts, atOnce })
    }
    measured.push({ accounts, recoveryPointsPerVault, strongroom, prowler })
  }
  return { regions, latencyMs, services: SERVICES, measured }
}

/** The first account with workloads stands first. */
function chosen({ accountIds }: SimulatorChild, count: number): string[] {
  return [...accountIds.slice(3), ...accountIds.slice(0, 3)].slice(0, count)
}

function environmentOf({ url, credentials, homeRegion }: SimulatorChild): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: homeRegion,
    AWS_DEFAULT_REGION: homeRegion,
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}

interface Chosen {
  accounts: number
  folder: string
}

async function strongroomOn(
  { bin }: Like,
  simulator: SimulatorChild,
  { accounts, folder }: Chosen,
) {
  const run = await runStrongroom({
    python: join(bin, 'python'),
    externalId: simulator.externalId,
    accountIds: chosen(simulator, accounts),
    services: SERVICES,
    environment: environmentOf(simulator),
    folder,
  })
  return { ...run, ...asked(await simulator.stop()) }
}

/** Once to warm what Python compiles, and then for each account a process. */
async function prowlerRuns(size: Like, of: { accounts: number; atOnce: number }) {
  await withSimulator(size, (simulator, folder) =>
    scan(size, simulator, {
      folder,
      accountId: chosen(simulator, 1)[0] ?? '',
      region: simulator.homeRegion,
    }),
  )
  return withSimulator(size, async (simulator, folder) => {
    const limit = pLimit(of.atOnce)
    const started = performance.now()
    const runs = await Promise.all(
      chosen(simulator, of.accounts).map((accountId) =>
        limit(() => scan(size, simulator, { folder, accountId })),
      ),
    )
    const seconds = round((performance.now() - started) / 1000)
    return { ...together(runs), seconds, ...asked(await simulator.stop()) }
  })
}

async function scan(
  { bin }: Like,
  simulator: SimulatorChild,
  { folder, accountId, region }: { folder: string; accountId: string; region?: string },
): Promise<ProwlerRun> {
  const own = join(folder, accountId)
  await mkdir(own)
  return runProwler({
    bin,
    roleArn: `arn:aws:iam::${accountId}:role/${READER.name}`,
    ...(region ? { region } : {}),
    environment: environmentOf(simulator),
    folder: own,
  })
}

/** Sums, and of the memory the largest process: the one figure by which Prowler is not asked for what all of its processes need. */
function together(runs: ProwlerRun[]): Omit<Measured & Scanned, 'exit_code'> & {
  logged_errors: number
  exit_codes: number[]
} {
  const sum = (of: (run: ProwlerRun) => number) =>
    round(runs.reduce((total, run) => total + of(run), 0))
  const by_status: Record<string, number> = {}
  for (const [status, count] of runs.flatMap((run) => Object.entries(run.by_status))) {
    by_status[status] = (by_status[status] ?? 0) + count
  }
  return {
    seconds: sum((run) => run.seconds),
    cpu_seconds: sum((run) => run.cpu_seconds),
    peak_resident_mb: Math.max(...runs.map((run) => run.peak_resident_mb)),
    exit_codes: [...new Set(runs.map((run) => run.exit_code))],
    judgements: sum((run) => run.judgements),
    by_status,
    resources: sum((run) => run.resources),
    logged_errors: sum((run) => run.logged_errors),
  }
}

/** What the simulator was asked. What it does not answer was a call all the same. */
function asked({ calls, unanswered, refused, cpu_seconds }: SimulatorReport) {
  const total = (counts: Record<string, number>) =>
    Object.values(counts).reduce((sum, count) => sum + count, 0)
  return {
    api_calls: total(calls) + total(unanswered),
    unanswered_calls: total(unanswered),
    unanswered: byOperation(unanswered),
    refused_calls: refused.length,
    refused: byOperation(Object.fromEntries(countBy(refused))),
    simulator_cpu_seconds: round(cpu_seconds),
  }
}

function countBy(all: string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1)
  return counts
}

/** Without the names of resources that are part of an address. */
function byOperation(counts: Record<string, number>): Record<string, number> {
  const of: Record<string, number> = {}
  for (const [text, count] of Object.entries(counts)) {
    const what = text
      .replace(/^.*does not implement /, '')
      .replace(/(\/[\w-]+)\/[^ ]*%[^ ]*$/, '$1/…')
    of[what] = (of[what] ?? 0) + count
  }
  return of
}

async function withSimulator<T>(
  { regions, latencyMs, recoveryPointsPerVault }: Like,
  use: (simulator: SimulatorChild, folder: string) => Promise<T>,
): Promise<T> {
  const simulator = await startSimulatorChild({
    accounts: ACCOUNTS,
    regions,
    latencyMs,
    recoveryPointsPerVault,
    reader: READER,
  })
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-rivals-'))
  try {
    return await use(simulator, folder)
  } finally {
    simulator.kill()
    await rm(folder, { recursive: true, force: true })
  }
}
