// Publishes a run to the simulator at an endpoint, prints what it took, and kills itself, as a power cut would, at the nth
// call of the lake. The task is JSON, or a file of it.
import { readFileSync } from 'node:fs'
import { loadConfig } from '../../lib/config/load.ts'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import { type Lake, openLake } from '../../lib/lake/lake.ts'
import { publishRun } from '../../lib/securityhub/publish.ts'
import { allTables } from '../engine/case-lake.ts'

const given = process.argv[2] ?? ''
const task = JSON.parse(given.startsWith('{') ? given : readFileSync(given, 'utf8'))
const { endpoint, folder, run, credentials, external_id, now, nth, concurrency = 2 } = task
let calls = 0
const lake: Lake = new Proxy(openLake(folder), {
  get(target, name, receiver) {
    if (name !== 'root' && ++calls === nth) process.kill(process.pid, 'SIGKILL')
    return Reflect.get(target, name, receiver)
  },
})
const engine = await openDuckdb({ lake: folder, tables: allTables, limits: { threads: 2 } })
const started = performance.now()
const publication = await publishRun(engine, {
  config: await loadConfig(undefined, { external_id, concurrency }),
  run,
  lake,
  tables: allTables,
  aws: {
    credentials,
    endpoint,
    homeRegion: 'us-east-1',
    budgetShare: 1,
    clock: () => new Date(now),
  },
  wait: async () => undefined,
})
engine.close()
const seconds = (performance.now() - started) / 1000
const resident = process.resourceUsage().maxRSS
process.stdout.write(JSON.stringify({ seconds, resident, publication }))
