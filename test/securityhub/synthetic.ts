import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../lib/config/load.ts'
import type { ConfigInput } from '../../lib/config/schema.ts'
import { type Control, loadControls } from '../../lib/engine/controls.ts'
import { openDuckdb, sqlTypes } from '../../lib/engine/duckdb.ts'
import { literal } from '../../lib/engine/engine.ts'
import { openLake } from '../../lib/lake/lake.ts'
import { findings as findingsTable } from '../../lib/lake/run-tables.ts'
import type { Run } from '../../lib/run.ts'
import type { Publication } from '../../lib/securityhub/publication.ts'
import {
  type PlannedRow,
  type PublishOptions,
  planPublication,
  publishRun,
} from '../../lib/securityhub/publish.ts'
import { publishTables } from '../../lib/securityhub/tables.ts'
import { type HubState, heldNow, hubOf, switchOn } from '../../simulator/hub.ts'
import { type SimulatorOptions, startSimulator } from '../../simulator/server.ts'
import {
  type AccountState,
  cellOf,
  emptyCell,
  type OrganizationState,
} from '../../simulator/state.ts'
import { allTables, fillLake, type Given } from '../engine/case-lake.ts'
import { temporaryFolder } from '../support/simulated.ts'

export const AUDIT = '111111111111'
export const A = '222222222222'
export const B = '333333333333'
export const HERE = 'eu-west-1'
export const HOME = 'us-east-1'
const REGIONS = [HERE, HOME, 'eu-central-1', 'us-west-2', 'eu-north-1']
const DAY_MS = 86_400_000
const START = new Date('2026-11-23T08:00:00Z')

/** Controls of the catalogue by what a test needs of them; which they are does not matter. */
export const judges = {
  resource: named(({ granularity, evidence, spans }) => {
    return granularity === 'resource' && evidence.length === 0 && !spans
  }),
  source: named(({ granularity }) => granularity === 'source'),
}

function named(test: (control: Control) => boolean): Control {
  const found = loadControls().find(test)
  if (!found) throw new Error('the catalogue has no such control')
  return found
}

/** One finding of a made-up run. */
export interface Judged {
  status: 'pass' | 'fail' | 'unknown' | 'waived'
  arn: string
  account?: string
  region?: string
  control?: Control
  related?: string
  reason?: string
}

export interface RunOptions {
  /** What the tables of the run say beyond the ordinary: accounts, coverage, gaps … */
  given?: Given
  scoped?: boolean
}

/** Runs that were never audited, of an organization with nothing in it but Security Hub: what is published is what a test says. */
export async function openHubs(
  options: Partial<SimulatorOptions> & { accounts?: string[]; regions?: number } = {},
) {
  const ids = options.accounts ?? [AUDIT, A, B]
  const places = REGIONS.slice(0, options.regions ?? 2)
  let now = START
  const state = organization(ids, places)
  const clock = () => now
  const simulator = await startSimulator({ quotas: false, clock, ...options, state })
  const folder = await temporaryFolder()
  mkdirSync(join(folder, 'inventory'))
  const lake = openLake(folder)
  let runs = 0

  async function withEngine<T>(
    work: (engine: Awaited<ReturnType<typeof openDuckdb>>) => Promise<T>,
  ) {
    const engine = await openDuckdb({ lake: folder, tables: allTables, limits: { threads: 2 } })
    try {
      return await work(engine)
    } finally {
      engine.close()
    }
  }

  /** Writes a run that judged so, a day after the last. `judged` is the rows, or a SELECT of them. */
  async function run(judged: Judged[] | string, { given = {}, scoped = false }: RunOptions = {}) {
    now = new Date(now.getTime() + DAY_MS)
    const run_id = `${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${(++runs).toString(16).padStart(6, '0')}`
    await withEngine(async (engine) => {
      const whole: Given = {
        accounts: ids.map((account_id) => ({ account_id, audited: true })),
        regions: places.map((region) => ({ region })),
        ...given,
        settings: [{ scope_complete: !scoped, ...given.settings?.[0] }],
      }
      await fillLake(engine, folder, [{ runId: run_id, given: whole }])
      for (const [control, rows] of byControl(judged)) {
        const path = `findings/run_id=${run_id}/control_id=${control}/a/data.parquet`
        await engine.copyToParquet(rows, lake.path(path))
      }
      const score = "select '0' as account_id, 'organization' as group_type"
      await engine.copyToParquet(score, lake.path(`scores/run_id=${run_id}/data.parquet`))
    })
    return runOf(run_id, scoped)
  }

  function runOf(run_id: string, scoped: boolean): Run {
    return {
      run_id,
      version: 'test',
      started_at: now.toISOString(),
      as_of: now.toISOString(),
      config_hash: '',
      scope_complete: !scoped,
      discovery_calls: { calls: 0, retries: 0, throttles: 0 },
      discovery: {
        caller_account_id: AUDIT,
        partition: 'aws',
        organization_id: 'o-test',
        accounts: [],
        regions: places,
      },
    }
  }

  async function optionsOf(of: Run, overrides: Partial<ConfigInput> = {}): Promise<PublishOptions> {
    return {
      config: await loadConfig(undefined, { external_id: 'secret', ...overrides }),
      run: of,
      lake,
      tables: publishTables,
      aws: {
        credentials: CREDENTIALS,
        endpoint: simulator.url,
        homeRegion: HOME,
        budgetShare: 1,
        clock,
        requestTimeoutMs: 5_000,
      },
      wait: async () => undefined,
    }
  }

  return {
    state,
    simulator,
    folder,
    lake,
    clock,
    run,
    withEngine,
    optionsOf,
    pass(days: number) {
      now = new Date(now.getTime() + days * DAY_MS)
    },
    async publish(
      of: Run,
      overrides: Partial<ConfigInput> = {},
      more: Partial<PublishOptions> = {},
    ): Promise<Publication> {
      const options = { ...(await optionsOf(of, overrides)), ...more }
      return withEngine((engine) => publishRun(engine, options))
    },
    async plan(of: Run, overrides: Partial<ConfigInput> = {}): Promise<PlannedRow[]> {
      const options = await optionsOf(of, overrides)
      return withEngine(async (engine) => {
        const rows: PlannedRow[] = []
        for await (const piece of planPublication(engine, options)) rows.push(...piece)
        return rows
      })
    },
    hub(account: string, region = HERE): HubState {
      return hubOf(cellOf(accountIn(state, account), region))
    },
    /** `account region resource: compliance state code`, one line per finding that a hub holds, sorted. */
    told(): string[] {
      return ids
        .flatMap((id) => places.map((region) => [id, region] as const))
        .flatMap(([id, region]) =>
          heldNow(hubOf(cellOf(accountIn(state, id), region)), now).map(({ finding }) => {
            const { Compliance, RecordState, Resources } = finding
            const code = Compliance?.StatusReasons?.[0]?.ReasonCode
            return `${id} ${region} ${Resources?.[0]?.Id}: ${Compliance?.Status} ${RecordState} ${code}`
          }),
        )
        .sort()
    },
    imports: () => simulator.calls.get('securityhub:BatchImportFindings') ?? 0,
    close: () => simulator.close(),
  }
}

export type Hubs = Awaited<ReturnType<typeof openHubs>>

export const CREDENTIALS = { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'secret' }

function accountIn({ accounts }: OrganizationState, id: string): AccountState {
  const account = accounts.get(id)
  if (!account) throw new Error(`no account ${id}`)
  return account
}

function organization(ids: string[], places: string[]): OrganizationState {
  const role = (name: string, allow: string[]) => ({
    name,
    trustedAccounts: [AUDIT],
    externalId: 'secret',
    allow,
    deny: [],
  })
  const accounts = ids.map((id): [string, AccountState] => {
    const cells = new Map(places.map((region) => [region, emptyCell()]))
    for (const cell of cells.values()) switchOn(hubOf(cell), new Date(START.getTime() - DAY_MS))
    return [
      id,
      {
        account: { Id: id, Name: id, State: 'ACTIVE' },
        enabledRegions: new Set(places),
        users: [],
        roles: [
          role('StrongroomAuditor', ['securityhub:DescribeHub']),
          role('StrongroomPublisher', ['securityhub:BatchImportFindings']),
        ],
        serviceControlDenials: [],
        cells,
      },
    ]
  })
  accounts
    .find(([id]) => id === AUDIT)?.[1]
    .users.push({
      name: 'publisher',
      accessKeyId: CREDENTIALS.accessKeyId,
      secretAccessKey: CREDENTIALS.secretAccessKey,
      allow: ['sts:AssumeRole', 'securityhub:*'],
    })
  return {
    id: 'o-test',
    partition: 'aws',
    managementAccountId: AUDIT,
    auditAccountId: AUDIT,
    homeRegion: HOME,
    regions: places.map((name) => ({ name, optIn: false })),
    accounts: new Map(accounts),
  }
}

/** A SELECT of the rows of each control's findings. */
function byControl(judged: Judged[] | string): [string, string][] {
  if (typeof judged === 'string') return [[judges.resource.id, judged]]
  const groups = Map.groupBy(judged, ({ control = judges.resource }) => control)
  return [...groups].map(([control, rows]) => [control.id, valuesSql(control, rows)])
}

function valuesSql(control: Control, rows: Judged[]): string {
  const columns = Object.entries(findingsTable.columns).filter(([name]) => name !== 'control_id')
  return rows
    .map((row) => {
      const { account = A, region = HERE, arn, status, related = null, reason = 'seen' } = row
      const values: Record<string, string | null> = {
        account_id: account,
        region,
        observed_at: '2026-11-23',
        finding_id: `strongroom/${control.id}/${account}/${region}/${hexOf(`${arn} ${related}`)}`,
        resource_arn: arn,
        resource_type: arn.startsWith('AWS::::Account') ? 'AwsAccount' : 'AwsEc2Volume',
        related_arn: related,
        status,
        reason,
        severity: control.severity,
        family: control.family,
      }
      const cells = columns.map(([name, { type }]) => {
        const value = values[name] ?? null
        return `cast(${value === null ? 'null' : literal(value)} as ${sqlTypes[type]}) as ${name}`
      })
      return `select ${cells.join(', ')}`
    })
    .join(' union all ')
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex').slice(-32).padStart(32, '0')
}
