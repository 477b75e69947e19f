// The simulated organization in a process of its own, so that its time and memory are not the audit's.

import { generateOrganization } from '../simulator/organization/generate.ts'
import { scale } from '../simulator/organization/index.ts'
import { startSimulator } from '../simulator/server.ts'

const { accounts, regions, latencyMs, auditorActions, recoveryPointsPerVault, busyRegions } =
  JSON.parse(process.argv[2] ?? '')
const now = new Date()
const organization = generateOrganization(
  scale({ seed: 1, now, accounts, regions, auditorActions, recoveryPointsPerVault, busyRegions }),
)
const simulator = await startSimulator({ state: organization.state, latencyMs })
const { credentials, externalId, roleName } = organization
process.send?.({ url: simulator.url, credentials, externalId, roleName })
process.once('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu_seconds: (user + system) / 1e6 }, () => process.exit())
})
