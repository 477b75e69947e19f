import {
  type GeneratedOrganization,
  generateOrganization,
} from '../../simulator/organization/index.ts'
import { isolatedOu } from '../../simulator/organization/isolation.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { loadCollectors } from '../collectors/load.ts'
import { REGION_ACTIONS } from '../discover.ts'
import { HUB_ACTIONS } from '../securityhub/access.ts'

export interface SimulationOptions {
  seed: number
  accounts?: number | undefined
  regions?: number | undefined
  port?: number | undefined
  latencyMs?: number | undefined
  /** Rules by which it misbehaves; the story's own when undefined. */
  faults?: Parameters<typeof startSimulator>[0]['faults']
  now: Date
}

/** What the simulated organization asks of itself beyond the defaults. */
export const simulatedSettings = { critical_tag: 'tier=gold', isolation_required: [isolatedOu] }

/** Generates an organization and serves it on the loopback interface. Its member role may do what the collectors declare. */
export async function simulate(
  options: SimulationOptions,
): Promise<{ organization: GeneratedOrganization; simulator: Simulator }> {
  const { seed, accounts, regions, port, latencyMs, now } = options
  // What the organization answers is asked by the caller, in its own account.
  const collectors = [...(await loadCollectors()).values()].filter(
    ({ scope }) => scope !== 'organization',
  )
  const organization = generateOrganization({
    seed,
    now,
    auditorActions: [
      ...REGION_ACTIONS,
      ...HUB_ACTIONS.auditor,
      ...collectors.flatMap(({ actions }) => actions),
    ],
    ...(accounts === undefined ? {} : { accounts }),
    ...(regions === undefined ? {} : { regions }),
  })
  const simulator = await startSimulator({
    state: organization.state,
    faults: options.faults ?? organization.faults,
    ...(port === undefined ? {} : { port }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
  })
  return { organization, simulator }
}
