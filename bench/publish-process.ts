// Publishes a run to the simulator at an endpoint and prints what it took. It imports what the product imports, and nothing else:
// its memory is to be the publisher's. The task is a file of JSON.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../lib/config/load.ts'
import type { Engine } from '../lib/engine/engine.ts'
import { openLake } from '../lib/lake/lake.ts'
import type { Run } from '../lib/run.ts'
import { openPublishingEngine } from '../lib/securityhub/engine.ts'
import { publishRun } from '../lib/securityhub/publish.ts'
import { publishTables } from '../lib/securityhub/tables.ts'
import { keepHeapSmall } from '../lib/small-heap.ts'

export interface PublishTask {
  endpoint: string
  /** The lake. */
  folder: string
  run: Run
  credentials: { accessKeyId: string; secretAccessKey: string }
  external_id: string
  now: string
  concurrency: number
}

const SAMPLED_EACH_MS = 20

const task: PublishTask = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const peak = { heap: 0, external: 0, duckdb: 0 }
const sampler = setInterval(() => {
  const { heapTotal, external } = process.memoryUsage()
  peak.heap = Math.max(peak.heap, heapTotal)
  peak.external = Math.max(peak.external, external)
}, SAMPLED_EACH_MS)
keepHeapSmall(20)
const before = process.resourceUsage().maxRSS
const profiles = mkdtempSync(join(tmpdir(), 'strongroom-profiles-'))
const engine = await profiled(await openPublishingEngine(task.folder))
const started = performance.now()
const publication = await publishRun(engine, {
  config: await loadConfig(undefined, {
    external_id: task.external_id,
    concurrency: task.concurrency,
  }),
  run: task.run,
  lake: openLake(task.folder),
  tables: publishTables,
  aws: {
    credentials: task.credentials,
    endpoint: task.endpoint,
    homeRegion: 'us-east-1',
    budgetShare: 1,
    clock: () => new Date(task.now),
  },
})
const seconds = (performance.now() - started) / 1000
engine.close()
clearInterval(sampler)
rmSync(profiles, { recursive: true })
const { user, system } = process.cpuUsage()
process.stdout.write(
  JSON.stringify({
    publication,
    seconds,
    cpu_seconds: (user + system) / 1_000_000,
    memory: {
      modules_mb: before / 1024,
      heap_mb: peak.heap / 2 ** 20,
      external_mb: peak.external / 2 ** 20,
      duckdb_mb: peak.duckdb / 2 ** 20,
      resident_mb: process.resourceUsage().maxRSS / 1024,
    },
  }),
)

/** Has DuckDB say of each statement how much its buffers held at most. */
async function profiled(engine: Engine): Promise<Engine> {
  const file = join(profiles, 'profile.json')
  await engine.query("pragma enable_profiling = 'json'")
  await engine.query(`set profiling_output = '${file}'`)
  await engine.query(`pragma custom_profiling_settings = '{"SYSTEM_PEAK_BUFFER_MEMORY": "true"}'`)
  const noted = <T>(answer: T): T => {
    const { system_peak_buffer_memory = 0 } = JSON.parse(readFileSync(file, 'utf8'))
    peak.duckdb = Math.max(peak.duckdb, system_peak_buffer_memory)
    return answer
  }
  return {
    ...engine,
    query: async (sql) => noted(await engine.query(sql)),
    copyToParquet: async (sql, path) => noted(await engine.copyToParquet(sql, path)),
  }
}
