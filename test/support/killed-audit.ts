// Audits the organization at an endpoint and kills itself, as a power cut would, when the nth slice is finished.
import { audit } from '../../lib/audit.ts'
import { simulatedSettings } from '../../lib/cli/simulated.ts'
import { loadConfig } from '../../lib/config/load.ts'

const { endpoint, lake, credentials, external_id, role_name, now, nth } = JSON.parse(
  process.argv[2] ?? '',
)
let finished = 0
await audit({
  config: await loadConfig(undefined, {
    external_id,
    role_name,
    settings: simulatedSettings,
  }),
  lake,
  credentials,
  endpoint,
  region: 'us-east-1',
  clock: () => new Date(now),
  onProgress(event) {
    if (event.type === 'slice' && ++finished === nth) process.kill(process.pid, 'SIGKILL')
  },
})
