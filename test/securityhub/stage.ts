import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub'
import { type AuditResult, audit } from '../../lib/audit.ts'
import { loadCollectors } from '../../lib/collectors/load.ts'
import { loadConfig } from '../../lib/config/load.ts'
import type { ConfigInput } from '../../lib/config/schema.ts'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import type { Engine } from '../../lib/engine/engine.ts'
import { openLake } from '../../lib/lake/lake.ts'
import { openRun } from '../../lib/run.ts'
import { HUB_ACTIONS } from '../../lib/securityhub/access.ts'
import type { Publication } from '../../lib/securityhub/publication.ts'
import {
  type PlannedRow,
  type PublishOptions,
  planPublication,
  publishRun,
} from '../../lib/securityhub/publish.ts'
import { loadTables } from '../../lib/sources.ts'
import { type HubState, heldNow, hubOf, switchOn } from '../../simulator/hub.ts'
import { generateOrganization } from '../../simulator/organization/index.ts'
import { startSimulator } from '../../simulator/server.ts'
import { type AccountState, type CellState, cellOf } from '../../simulator/state.ts'
import { NOW, temporaryFolder } from '../support/simulated.ts'

const DAY_MS = 86_400_000

/** A small simulated organization that lives through days, audited and published as often as a test likes. */
export async function openStage(options: { accounts?: number; quotas?: boolean } = {}) {
  const collectors = await loadCollectors()
  const tables = await loadTables()
  const organization = generateOrganization({
    seed: 3,
    now: NOW,
    accounts: options.accounts ?? 3,
    regions: 2,
    story: false,
    auditorActions: [
      ...['account:ListRegions', ...HUB_ACTIONS.auditor],
      ...[...collectors.values()].flatMap(({ actions }) => actions),
    ],
  })
  const { state } = organization
  let now = NOW
  const clock = () => now
  const simulator = await startSimulator({ state, clock, quotas: options.quotas ?? false })
  const lake = await temporaryFolder()
  for (const account of state.accounts.values()) {
    for (const region of account.enabledRegions) {
      const hub = hubOf(cellOf(account, region))
      if (hub.subscribedAt === undefined) switchOn(hub, new Date(NOW.getTime() - DAY_MS))
    }
  }

  async function configOf(overrides: Partial<ConfigInput>) {
    return loadConfig(undefined, {
      role_name: organization.roleName,
      external_id: organization.externalId,
      ...overrides,
    })
  }

  async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    const engine = await openDuckdb({ lake, tables: tables, limits: { threads: 2 } })
    try {
      return await work(engine)
    } finally {
      engine.close()
    }
  }

  async function publishOptions(
    runId: string,
    overrides: Partial<ConfigInput> = {},
  ): Promise<PublishOptions> {
    const opened = openLake(lake)
    return {
      config: await configOf(overrides),
      run: await openRun(opened, runId),
      lake: opened,
      tables: tables,
      aws: {
        credentials: organization.credentials,
        endpoint: simulator.url,
        homeRegion: 'us-east-1',
        budgetShare: 1,
        clock,
        requestTimeoutMs: 5_000,
      },
      wait: async () => undefined,
    }
  }

  return {
    organization,
    state,
    simulator,
    lake,
    clock,
    withEngine,
    publishOptions,
    pass(days: number) {
      now = new Date(now.getTime() + days * DAY_MS)
    },
    async audit(overrides: Partial<ConfigInput> = {}): Promise<AuditResult> {
      return audit({
        config: await configOf(overrides),
        lake,
        credentials: organization.credentials,
        endpoint: simulator.url,
        region: 'us-east-1',
        clock,
      })
    },
    async publish(
      runId: string,
      overrides: Partial<ConfigInput> = {},
      more: Partial<PublishOptions> = {},
    ): Promise<Publication> {
      const options = { ...(await publishOptions(runId, overrides)), ...more }
      return withEngine((engine) => publishRun(engine, options))
    },
    async dryRun(runId: string, overrides: Partial<ConfigInput> = {}): Promise<PlannedRow[]> {
      const options = await publishOptions(runId, overrides)
      return withEngine(async (engine) => {
        const rows: PlannedRow[] = []
        for await (const piece of planPublication(engine, options)) rows.push(...piece)
        return rows
      })
    },
    /** What every hub holds, by id. */
    held(): Map<string, AwsSecurityFinding> {
      const all = [...state.accounts.values()].flatMap((account) =>
        [...account.cells.values()].flatMap((cell) => heldNow(hubOf(cell), now)),
      )
      return new Map(all.map(({ finding }) => [finding.Id ?? '', finding]))
    },
    hub(accountId: string, region: string): HubState {
      return hubOf(cellOf(accountOf(accountId), region))
    },
    cell(accountId: string, region: string): CellState {
      return cellOf(accountOf(accountId), region)
    },
    account: accountOf,
    imports: () => simulator.calls.get('securityhub:BatchImportFindings') ?? 0,
    close: () => simulator.close(),
  }

  function accountOf(id: string): AccountState {
    const account = state.accounts.get(id)
    if (!account) throw new Error(`no account ${id}`)
    return account
  }
}

export type Stage = Awaited<ReturnType<typeof openStage>>
