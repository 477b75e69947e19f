// The simulated organization in a process of its own, so that its time and memory are not the audit's.
import { generateOrganization } from '../simulator/organization/generate.ts'
import { scale } from '../simulator/organization/index.ts'
import { startSimulator } from '../simulator/server.ts'
import { plantManyPoints } from './many-points.ts'
import type { SimulatorReady, SimulatorReport, SimulatorRequest } from './simulator-child.ts'

const request: SimulatorRequest = JSON.parse(process.argv[2] ?? '')
const { accounts, regions, latencyMs, auditorActions, recoveryPointsPerVault } = request
const now = new Date()
const { state, credentials, externalId, roleName } = generateOrganization(
  scale({
    seed: 1,
    now,
    accounts,
    regions,
    auditorActions,
    recoveryPointsPerVault,
    // A default that is named as undefined is none.
    busyRegions: request.busyRegions ?? regions,
    density: request.density ?? 1,
  }),
)
const { reader, madeUpPoints, quotas } = request
if (reader) {
  for (const { roles } of state.accounts.values()) {
    const { name, allow } = reader
    roles.push({ name, trustedAccounts: [state.auditAccountId], allow, deny: [] })
  }
}
const planted = madeUpPoints === undefined ? undefined : plantManyPoints(state, madeUpPoints)
const simulator = await startSimulator({ state, latencyMs, quotas: quotas ?? true })
tell({
  url: simulator.url,
  credentials,
  externalId,
  roleName,
  accountIds: [...state.accounts.keys()],
  enabledRegions: Object.fromEntries(
    [...state.accounts].map(([id, account]) => [id, [...account.enabledRegions]]),
  ),
  regions: state.regions.map(({ name }) => name),
  homeRegion: state.homeRegion,
  planted,
})
process.on('message', (message) => {
  const { user, system } = process.cpuUsage()
  const report: SimulatorReport = {
    cpu_seconds: (user + system) / 1e6,
    calls: Object.fromEntries(simulator.calls),
    unanswered: Object.fromEntries(simulator.unanswered),
    refused: simulator.refused.map(({ action, code }) => `${action} ${code}`),
  }
  tell(report, () => {
    if (message === 'stop') process.exit()
  })
})

function tell(message: SimulatorReady | SimulatorReport, sent: () => void = () => undefined): void {
  process.send?.(message, sent)
}
