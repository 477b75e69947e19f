import { callerSession, memberSession } from '../../lib/aws/session.ts'
import type { Slice } from '../../lib/collect/answer.ts'
import { collectSlice } from '../../lib/collect/collect-slice.ts'
import { openUnitSpool } from '../../lib/collect/unit-spool.ts'
import type { Collector } from '../../lib/collectors/collector.ts'
import type { ParquetFile } from '../../lib/lake/parquet.ts'
import type { Table } from '../../lib/lake/table.ts'
import type { Fault } from '../../simulator/faults.ts'
import { type SimulatorOptions, startSimulator } from '../../simulator/server.ts'
import {
  type AccountState,
  type CellState,
  type Denial,
  emptyCell,
  furtherState,
  type IamState,
  type OrganizationPolicies,
  type OrganizationState,
} from '../../simulator/state.ts'
import { NOW } from './simulated.ts'

export const REGION = 'eu-central-1'
export const MANAGEMENT = '999999999999'
export const MEMBER = '111122223333'
const USER = { accessKeyId: 'AKIAEXAMPLEEXAMPLE00', secretAccessKey: 'a-secret-of-the-simulator' }
const ROLE = 'StrongroomAuditor'

type Cells<T> = { [Name in keyof T]?: unknown }

type CellParts = { [Service in keyof CellState]?: Cells<CellState[Service]> } & Record<
  string,
  object
>

/** What AWS holds in one cell of one member account. */
export interface HeldCell {
  /** In the shapes that AWS answers with; maps and sets as objects and lists. */
  cell?: CellParts
  /** What the account holds in further Regions. */
  elsewhere?: Record<string, CellParts>
  /** What IAM holds besides. */
  iam?: Partial<IamState>
  /** The account is in no organization. */
  standalone?: boolean
  /** Policies of the organization. */
  policies?: Partial<OrganizationPolicies>
  /** Explicit denials of the role (of the caller, where the organization is asked); of a service control policy. */
  deny?: Denial[]
  scp?: Denial[]
  faults?: Fault[]
}

export interface CollectedCell {
  /** Reads the cell once more; the rows go where `create` says. */
  collect(attempt: string): Promise<Slice>
  close(): Promise<void>
}

interface Collecting {
  name: string
  collector: Collector
  create(object: string, table: Table): Promise<ParquetFile>
  alter?: SimulatorOptions['alter']
  maxAttempts?: number
}

/** Starts a simulator that holds the cell, and reads it by one collector, as a unit of a run does. */
export async function openCollectedCell(
  held: HeldCell,
  { name, collector, create, alter, maxAttempts = 2 }: Collecting,
): Promise<CollectedCell> {
  const simulator = await startSimulator({
    state: organizationOf(held, collector),
    faults: held.faults ?? [],
    clock: () => NOW,
    quotas: false,
    ...(alter ? { alter } : {}),
  })
  const settings = {
    credentials: USER,
    endpoint: simulator.url,
    homeRegion: 'us-east-1',
    budgetShare: alter ? 1e6 : 1,
    clock: () => NOW,
    maxAttempts,
  }
  const caller = callerSession(settings, MANAGEMENT)
  const role = {
    accountId: MEMBER,
    roleArn: `arn:aws:iam::${MEMBER}:role/${ROLE}`,
    externalId: undefined,
    sessionName: 'strongroom-test',
  }
  const counters = { calls: 0, retries: 0, throttles: 0 }
  const session =
    collector.scope === 'organization'
      ? callerSession(settings, MANAGEMENT)
      : await memberSession(settings, caller, role, counters)

  return {
    async collect(attempt) {
      const spool = openUnitSpool(create)
      const slice = await collectSlice(
        {
          runId: 'run',
          unit: MEMBER,
          attempt,
          region: collector.scope === 'cell' ? REGION : 'global',
          partition: 'aws',
          name,
          collector,
        },
        {
          session,
          homeRegion: 'us-east-1',
          perItemCalls: 200,
          lastRead: () => undefined,
          spool,
          refused: async () => undefined,
          clock: () => NOW,
        },
      )
      await spool.finish([slice])
      return slice
    },
    async close() {
      session.close()
      caller.close()
      await simulator.close()
    },
  }
}

function organizationOf(held: HeldCell, collector: Collector): OrganizationState {
  const management = accountOf(MANAGEMENT)
  management.users.push({
    name: 'auditor',
    ...USER,
    allow: ['sts:AssumeRole', ...collector.actions],
    deny: held.deny ?? [],
  })
  const member = accountOf(MEMBER)
  member.roles.push({
    name: ROLE,
    trustedAccounts: [MANAGEMENT],
    allow: [...collector.actions],
    deny: held.deny ?? [],
  })
  member.iam = { users: [], groups: [], roles: [], policies: [], ...held.iam }
  member.serviceControlDenials.push(...(held.scp ?? []))
  for (const [region, parts] of Object.entries({ [REGION]: held.cell, ...held.elsewhere })) {
    member.enabledRegions.add(region)
    member.cells.set(region, cellStateOf(parts))
  }
  return {
    id: held.standalone ? undefined : 'o-exampleorg',
    policies: { types: [], policies: [], backupAdministrators: [], ...held.policies },
    partition: 'aws',
    managementAccountId: MANAGEMENT,
    auditAccountId: MANAGEMENT,
    homeRegion: 'us-east-1',
    regions: [
      { name: 'us-east-1', optIn: false },
      { name: REGION, optIn: false },
    ],
    accounts: new Map([
      [MANAGEMENT, management],
      [MEMBER, member],
    ]),
  }
}

function accountOf(id: string): AccountState {
  return {
    account: {
      Id: id,
      Arn: `arn:aws:organizations::${MANAGEMENT}:account/o-exampleorg/${id}`,
      Name: id,
      Status: 'ACTIVE',
      State: 'ACTIVE',
      Paths: [`o-exampleorg/r-ab12/${id}/`],
    },
    enabledRegions: new Set(['us-east-1', REGION]),
    users: [],
    roles: [],
    serviceControlDenials: [],
    cells: new Map(),
  }
}

/** Puts the case's parts over an empty cell, with the maps and sets that the state has there. */
function cellStateOf(cell: CellParts = {}): CellState {
  const state = emptyCell()
  for (const [service, parts] of Object.entries(cell)) {
    const target = state[service as keyof CellState] ?? furtherState(state, service)
    if (typeof target !== 'object' || target === null) throw new Error(`a cell has no ${service}`)
    for (const [part, value] of Object.entries(parts)) {
      const empty: unknown = Reflect.get(target, part)
      if (empty === undefined) throw new Error(`a cell has no ${service}.${part}`)
      Reflect.set(target, part, likeThe(empty, value))
    }
  }
  return state
}

function likeThe(empty: unknown, value: unknown): unknown {
  if (empty instanceof Map) return new Map(Object.entries(value as object))
  if (empty instanceof Set) return new Set(value as unknown[])
  return value
}
