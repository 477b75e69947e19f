// Audits the organization at an endpoint and kills itself, as a power cut would, at the nth of the moments at which something
// reaches the disk or DuckDB is asked. Prints how many moments there were when it comes to its end.
import promises, { open } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { devNull } from 'node:os'
import { DuckDBConnection } from '@duckdb/node-api'
import { audit } from '../../lib/audit.ts'
import { simulatedSettings } from '../../lib/cli/simulated.ts'
import { loadConfig } from '../../lib/config/load.ts'

const { endpoint, lake, credentials, overrides, now, resume, nth, midway } = JSON.parse(
  process.argv[2] ?? '',
)
let moments = 0
const slices: string[] = []

type Method = (...args: unknown[]) => unknown

/** Midway: what was asked for has begun when the process dies. */
function watch(holder: object, names: readonly string[]): void {
  for (const name of names) {
    const method: Method = Reflect.get(holder, name)
    Reflect.set(holder, name, function (this: unknown, ...args: unknown[]) {
      const dies = ++moments === nth
      if (dies && !midway) process.kill(process.pid, 'SIGKILL')
      const result = method.apply(this, args)
      if (dies) process.kill(process.pid, 'SIGKILL')
      return result
    })
  }
}

watch(promises, ['writeFile', 'rename', 'link', 'rm', 'mkdir', 'open', 'copyFile'])
syncBuiltinESMExports()
const handle = await open(devNull, 'a')
watch(Object.getPrototypeOf(handle), ['appendFile', 'write', 'writeFile'])
await handle.close()
watch(DuckDBConnection.prototype, ['run', 'runAndReadAll', 'stream'])

const { run_id } = await audit({
  config: await loadConfig(undefined, { settings: simulatedSettings, ...overrides }),
  lake,
  credentials,
  endpoint,
  region: 'us-east-1',
  clock: () => new Date(now),
  resume,
  onProgress(event) {
    if (event.type !== 'slice') return
    slices.push(`${event.account_id} ${event.region} ${event.collector}`)
  },
})
process.stdout.write(JSON.stringify({ run_id, moments, slices }))
