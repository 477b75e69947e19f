import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuditOptions, type AuditResult, audit } from '../../lib/audit.ts'
import { simulatedSettings } from '../../lib/cli/simulated.ts'
import { loadCollectors } from '../../lib/collectors/load.ts'
import { loadConfig } from '../../lib/config/load.ts'
import type { Config, ConfigInput } from '../../lib/config/schema.ts'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import type { Value } from '../../lib/engine/engine.ts'
import { HUB_ACTIONS } from '../../lib/securityhub/access.ts'
import { loadTables } from '../../lib/sources.ts'
import {
  type GeneratedOrganization,
  generateOrganization,
  type OrganizationOptions,
} from '../../simulator/organization/index.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/server.ts'

/** The clock of the simulator and of the run alike. */
export const NOW = new Date('2026-11-23T08:00:00Z')

export interface SimulatedOrganization {
  organization: GeneratedOrganization
  simulator: Simulator
  config: Config
  /** Audits the organization into a folder of its own, or into the given one. */
  audit(options?: Partial<AuditOptions>): Promise<AuditResult>
  close(): Promise<void>
}

/**
 * Starts a simulated organization and everything that is needed to audit it.
 * @param alter changes what is answered with success
 */
export async function simulate(
  options: Partial<OrganizationOptions> = {},
  overrides: Partial<ConfigInput> = {},
  alter?: SimulatorOptions['alter'],
): Promise<SimulatedOrganization> {
  const collectors = [...(await loadCollectors()).values()]
  const members = collectors.filter(({ scope }) => scope !== 'organization')
  const organization = generateOrganization({
    seed: 1,
    now: NOW,
    auditorActions: [
      ...['account:ListRegions', ...HUB_ACTIONS.auditor],
      ...members.flatMap((c) => c.actions),
    ],
    ...options,
  })
  const simulator = await startSimulator({
    state: organization.state,
    faults: organization.faults,
    clock: () => NOW,
    ...(alter ? { alter } : {}),
  })
  const config = await loadConfig(undefined, {
    role_name: organization.roleName,
    external_id: organization.externalId,
    settings: simulatedSettings,
    ...overrides,
  })
  return {
    organization,
    simulator,
    config,
    async audit(more = {}) {
      return audit({
        config,
        lake: more.lake ?? (await temporaryFolder()),
        credentials: organization.credentials,
        endpoint: simulator.url,
        region: 'us-east-1',
        clock: () => NOW,
        ...more,
      })
    },
    close: () => simulator.close(),
  }
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'strongroom-'))
}

export interface FoundFinding {
  control_id: string
  status: string
  account_id: string
  region: string
  resource_arn: string
  resource_type: string
  related_arn: string | null
  reason: string
  finding_id: string
}

/** A run's findings, in the order of their ids. */
export async function findingsOf(lake: string, runId: string): Promise<FoundFinding[]> {
  const rows = await askLake(
    lake,
    `select control_id, status, account_id, region, resource_arn, resource_type, related_arn, reason, finding_id
     from findings where run_id = '${runId}' order by finding_id`,
  )
  return rows as unknown as FoundFinding[]
}

/** Asks a lake on disk. */
export async function askLake(lake: string, sql: string): Promise<Record<string, Value>[]> {
  const engine = await openDuckdb({ lake, tables: await loadTables() })
  try {
    return (await engine.query(sql)).rows
  } finally {
    engine.close()
  }
}
