import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Answer, Slice } from '../lib/collect/answer.ts'
import { loadCollectors } from '../lib/collectors/load.ts'
import { conclude } from '../lib/conclude.ts'
import { loadConfig } from '../lib/config/load.ts'
import { openLake } from '../lib/lake/lake.ts'
import { createParquetFile } from '../lib/lake/parquet.ts'
import { madeUpRun } from './made-up-run.ts'
import { round } from './round.ts'

const ACCOUNT = '111122223333'
const REGION = 'eu-central-1'
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/0f0f0f0f-0000-4000-8000-000000000000`

/** Writes recovery points as a collector does, then judges the run that holds them. */
export async function writeAndScore(count: number) {
  const lake = await mkdtemp(join(tmpdir(), 'strongroom-bench-'))
  try {
    const { written, judged } = await concludePoints(lake, count)
    return {
      recovery_points: count,
      write_seconds: round(written),
      written_per_second: Math.round(count / written),
      judge_seconds: round(judged),
      judged_per_second: Math.round(count / judged),
      peak_resident_mb: round(process.resourceUsage().maxRSS / 1024),
    }
  } finally {
    await rm(lake, { recursive: true, force: true })
  }
}

/** Leaves a run in a lake that holds so many recovery points; answers the seconds that writing and judging took. */
export async function concludePoints(lake: string, count: number) {
  const now = new Date()
  const run = madeUpRun([ACCOUNT], [REGION])
  const runId = run.run_id
  const object = `staging/${runId}/recovery_points/bench.parquet`
  const written = await timed(() => writePoints(join(lake, object), count, now))
  const config = await loadConfig(undefined, {})
  const answer = await answerOf(runId, object, count, now)
  await openLake(lake).write(`runs/${runId}/answers/${answer.unit}-1.json`, JSON.stringify(answer))
  const judged = await timed(() => conclude(run, { config, lake, clock: () => new Date() }))
  return { runId, written, judged }
}

async function writePoints(path: string, count: number, now: Date): Promise<void> {
  const table = (await loadCollectors()).get('backup')?.tables.recovery_points
  if (!table) throw new Error('the backup collector declares no table recovery_points')
  const file = await createParquetFile(table, path)
  for (let index = 0; index < count; index++) {
    const encrypted = index % 10 !== 0
    await file.append({
      account_id: ACCOUNT,
      region: REGION,
      observed_at: now,
      arn: `arn:aws:ec2:${REGION}::snapshot/snap-${index.toString(16).padStart(17, '0')}`,
      vault_arn: `arn:aws:backup:${REGION}:${ACCOUNT}:backup-vault:bench`,
      vault_name: 'bench',
      vault_type: 'BACKUP_VAULT',
      source_arn: `arn:aws:ec2:${REGION}:${ACCOUNT}:volume/vol-${(index % 1000).toString(16).padStart(17, '0')}`,
      source_type: 'EBS',
      status: 'COMPLETED',
      created_at: now,
      size_bytes: index * 1024,
      encrypted,
      encryption_key_arn: encrypted ? KEY : null,
      effective_key_arn: encrypted ? KEY : null,
      encryption_source: 'source',
      is_parent: false,
      delete_after_days: 35,
    })
  }
  await file.commit()
}

async function answerOf(runId: string, object: string, count: number, now: Date): Promise<Answer> {
  const slices = [...(await loadCollectors()).keys()].map(
    (collector): Slice => ({
      account_id: ACCOUNT,
      region: REGION,
      collector,
      status: 'complete',
      cause: null,
      detail: null,
      transient: false,
      attempt: 'bench',
      started_at: now.toISOString(),
      finished_at: now.toISOString(),
      calls: 0,
      retries: 0,
      throttles: 0,
      rows: collector === 'backup' ? { recovery_points: count } : {},
      objects: collector === 'backup' ? { recovery_points: object } : {},
      gaps: [],
    }),
  )
  const unit = `${ACCOUNT}-1`
  return {
    run_id: runId,
    unit,
    pass: 1,
    attempt: 'bench',
    account_id: ACCOUNT,
    lost: false,
    slices,
  }
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}
