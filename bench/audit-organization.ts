import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { audit } from '../lib/audit.ts'
import { loadConfig } from '../lib/config/load.ts'
import { openDuckdb } from '../lib/engine/duckdb.ts'
import { keepHeapSmall } from '../lib/small-heap.ts'
import { loadTables } from '../lib/sources.ts'
import { round } from './round.ts'
import { startSimulatorChild } from './simulator-child.ts'

export interface OrganizationSize {
  accounts: number
  regions: number
  /** Added to every answer of the simulator. */
  latencyMs: number
  recoveryPointsPerVault: number
  /** Regions of each account that hold workloads; all where undefined. */
  busyRegions?: number
}

/** Audits a simulated organization that runs in a process of its own, as the command does. */
export async function auditOrganization(size: OrganizationSize) {
  keepHeapSmall(50)
  const simulator = await startSimulatorChild(size)
  const lake = await mkdtemp(join(tmpdir(), 'strongroom-bench-'))
  try {
    const started = performance.now()
    const phases: Phase[] = []
    let slices = 0
    const ends: number[] = []
    const begin = (name: string) => phases.push({ name, ...usedSince(started) })
    const at = (name: string) => phases.find((phase) => phase.name === name)?.seconds ?? 0
    const config = await loadConfig(undefined, {
      role_name: simulator.roleName,
      external_id: simulator.externalId,
    })
    const { summary, run_id } = await audit({
      config,
      lake,
      credentials: simulator.credentials,
      endpoint: simulator.url,
      region: 'us-east-1',
      clock: () => new Date(),
      onProgress(event) {
        if (event.type === 'step') begin(event.name)
        if (event.type === 'discovered') slices = event.slices
        if (event.type === 'unit') ends.push(usedSince(started).seconds - at('collect'))
      },
    })
    begin('end')
    const seconds = at('end')
    return {
      ...size,
      cells: summary.cells.total,
      units: ends.length,
      slices,
      api_calls: summary.api_calls,
      throttles: summary.throttles,
      seconds: round(seconds),
      collect_seconds: round(at('derive') - at('collect')),
      judge_seconds: round(seconds - at('derive')),
      phases,
      rows: await rowsOf(lake, run_id),
      stored_mb: await storedMb(lake),
      workers_busy: round(workersBusy(ends, config.concurrency)),
      peak_resident_mb: round(process.resourceUsage().maxRSS / 1024),
      simulator_cpu_seconds: round((await simulator.stop()).cpu_seconds),
    }
  } finally {
    simulator.kill()
    await rm(lake, { recursive: true, force: true })
  }
}

/** Where an audit stood when it began one of its steps. */
interface Phase {
  name: string
  seconds: number
  /** Of all of the process's threads. */
  cpu_seconds: number
  resident_mb: number
}

function usedSince(started: number): Omit<Phase, 'name'> {
  const { user, system } = process.cpuUsage()
  return {
    seconds: round((performance.now() - started) / 1000),
    cpu_seconds: round((user + system) / 1e6),
    resident_mb: round(process.memoryUsage.rss() / 2 ** 20),
  }
}

/** What is kept of a run: staging is swept away after a week. */
async function storedMb(lake: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {}
  for (const entry of await readdir(lake, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const [folder = ''] = relative(lake, path).split('/')
    sizes[folder] = (sizes[folder] ?? 0) + (await stat(path)).size / 2 ** 20
  }
  return Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, round(size)]))
}

/**
 * The share of the time of collecting in which so many workers had an account. Each takes the next as soon as it is done with one: only those
 * wait that find none left, from the end of their last.
 * @param ends when each account was done, in seconds since the first was begun
 */
function workersBusy(ends: number[], workers: number): number {
  const lastOfEach = ends.toSorted((one, other) => other - one).slice(0, workers)
  const all = workers * Math.max(...ends)
  return lastOfEach.reduce((sum, end) => sum + end, 0) / all
}

async function rowsOf(lake: string, runId: string): Promise<number> {
  const engine = await openDuckdb({ lake, tables: await loadTables() })
  try {
    const { rows } = await engine.query(
      `select cast(sum(rows) as bigint) as total from lake.answers where run_id = '${runId}'`,
    )
    return Number(rows[0]?.total)
  } finally {
    engine.close()
  }
}
