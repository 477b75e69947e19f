// Publishes a run to the simulator at an endpoint and kills itself, as a power cut would, at the nth call of the lake.
import { loadConfig } from '../../lib/config/load.ts'
import { type Lake, openLake } from '../../lib/lake/lake.ts'
import { openPublishingEngine } from '../../lib/securityhub/engine.ts'
import { publishRun } from '../../lib/securityhub/publish.ts'
import { publishTables } from '../../lib/securityhub/tables.ts'

const { endpoint, folder, run, credentials, external_id, now, nth } = JSON.parse(
  process.argv[2] ?? '',
)
let calls = 0
const lake: Lake = new Proxy(openLake(folder), {
  get(target, name, receiver) {
    if (name !== 'root' && ++calls === nth) process.kill(process.pid, 'SIGKILL')
    return Reflect.get(target, name, receiver)
  },
})
const engine = await openPublishingEngine(folder)
await publishRun(engine, {
  config: await loadConfig(undefined, { external_id, concurrency: 2 }),
  run,
  lake,
  tables: publishTables,
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
