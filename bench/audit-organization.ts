import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { audit } from '../lib/audit.ts'
import { loadCollectors } from '../lib/collectors/load.ts'
import { loadConfig } from '../lib/config/load.ts'
import { openDuckdb } from '../lib/engine/duckdb.ts'
import { loadTables } from '../lib/sources.ts'

export interface OrganizationSize {
  accounts: number
  regions: number
  /** Added to every answer of the simulator. */
  latencyMs: number
  recoveryPointsPerVault: number
  /** Regions of each account that hold workloads; all where undefined. */
  busyRegions?: number
}

/** Audits a simulated organization that runs in a process of its own. */
export async function auditOrganization(size: OrganizationSize) {
  const collectors = await loadCollectors()
  const auditorActions = [
    'account:ListRegions',
    ...[...collectors.values()].flatMap((collector) => collector.actions),
  ]
  const script = new URL('simulator-process.ts', import.meta.url)
  const child = fork(script, [JSON.stringify({ ...size, auditorActions })])
  const lake = await mkdtemp(join(tmpdir(), 'strongroom-bench-'))
  try {
    const [ready] = await once(child, 'message')
    const started = performance.now()
    const marks: Record<string, number> = {}
    const { summary, run_id } = await audit({
      config: await loadConfig(undefined, {
        role_name: ready.roleName,
        external_id: ready.externalId,
      }),
      lake,
      credentials: ready.credentials,
      endpoint: ready.url,
      region: 'us-east-1',
      clock: () => new Date(),
      onProgress(event) {
        if (event.type === 'step') marks[event.name] = (performance.now() - started) / 1000
      },
    })
    const seconds = (performance.now() - started) / 1000
    return {
      ...size,
      cells: summary.cells.total,
      api_calls: summary.api_calls,
      throttles: summary.throttles,
      seconds: round(seconds),
      collect_seconds: round((marks.reconcile ?? 0) - (marks.collect ?? 0)),
      judge_seconds: round(seconds - (marks.reconcile ?? 0)),
      rows: await rowsOf(lake, run_id),
      peak_resident_mb: round(process.resourceUsage().maxRSS / 1024),
      simulator_cpu_seconds: round(await stop(child)),
    }
  } finally {
    child.kill()
    await rm(lake, { recursive: true, force: true })
  }
}

async function stop(child: ChildProcess): Promise<number> {
  child.send('stop')
  const [usage] = await once(child, 'message')
  return usage.cpu_seconds
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

export function round(value: number): number {
  return Math.round(value * 100) / 100
}
