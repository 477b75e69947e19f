import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import { literal } from '../../lib/engine/engine.ts'
import { loadTables } from '../../lib/sources.ts'
import { type Measured, measureProgram } from './measured-process.ts'
import type { Scanned } from './scanned.ts'

export interface StrongroomRun extends Measured, Scanned {
  /** Rows collected. */
  rows: number
  throttles: number
}

export interface StrongroomTask {
  python: string
  externalId: string
  accountIds: string[]
  services: readonly string[]
  environment: Record<string, string>
  folder: string
}

/** Audits accounts with the command line, reports included. */
export async function runStrongroom(task: StrongroomTask): Promise<StrongroomRun> {
  const { python, externalId, accountIds, services, environment, folder } = task
  const script = fileURLToPath(new URL('../../bin/strongroom.ts', import.meta.url))
  const lake = join(folder, 'lake')
  const scope = ['--accounts', accountIds.join(','), '--services', services.join(',')]
  const measured = await measureProgram(python, {
    command: process.execPath,
    args: [script, 'audit', '--lake', lake, '--external-id', externalId, '--json', ...scope],
    environment,
    folder,
  })
  if (measured.exit_code !== 0) throw new Error(await readFile(join(folder, 'stderr'), 'utf8'))
  const { run_id, throttles } = JSON.parse(await readFile(join(folder, 'stdout'), 'utf8'))
  return { ...measured, throttles, ...(await readFindings(lake, run_id)) }
}

async function readFindings(lake: string, runId: string): Promise<Scanned & { rows: number }> {
  const engine = await openDuckdb({ lake, tables: await loadTables() })
  try {
    const run = `run_id = ${literal(runId)}`
    const of = async (sql: string) => (await engine.query(sql)).rows
    const statuses = await of(
      `select status, cast(count(*) as bigint) as n from lake.findings where ${run} group by status`,
    )
    const [found] = await of(
      `select cast(count(distinct resource_arn) as bigint) as resources from lake.findings where ${run}`,
    )
    const [collected] = await of(
      `select cast(sum(rows) as bigint) as n from lake.answers where ${run}`,
    )
    const counts = statuses.map(({ status, n }) => [String(status), Number(n)] as const)
    return {
      judgements: counts.reduce((sum, [, n]) => sum + n, 0),
      by_status: Object.fromEntries(counts),
      resources: Number(found?.resources),
      rows: Number(collected?.n),
    }
  } finally {
    engine.close()
  }
}
