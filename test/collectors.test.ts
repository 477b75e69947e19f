import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { callerSession, memberSession } from '../lib/aws/session.ts'
import type { Slice } from '../lib/collect/answer.ts'
import { collectSlice } from '../lib/collect/collect-slice.ts'
import { openUnitSpool } from '../lib/collect/unit-spool.ts'
import type { Collector } from '../lib/collectors/collector.ts'
import { loadCollectors } from '../lib/collectors/load.ts'
import { openDuckdb } from '../lib/engine/duckdb.ts'
import { type Engine, literal } from '../lib/engine/engine.ts'
import { openLake } from '../lib/lake/lake.ts'
import { createParquetFile } from '../lib/lake/parquet.ts'
import type { Fault } from '../simulator/faults.ts'
import { startSimulator } from '../simulator/server.ts'
import {
  type AccountState,
  type CellState,
  type Denial,
  emptyCell,
  furtherState,
  type IamState,
  type OrganizationPolicies,
  type OrganizationState,
} from '../simulator/state.ts'
import { NOW, temporaryFolder } from './support/simulated.ts'

// Each case of test/collectors/<collector>.yaml is one cell of one member account: what AWS holds there, and what must be read.

const REGION = 'eu-central-1'
const MANAGEMENT = '999999999999'
const MEMBER = '111122223333'
const USER = { accessKeyId: 'AKIAEXAMPLEEXAMPLE00', secretAccessKey: 'a-secret-of-the-simulator' }
const ROLE = 'StrongroomAuditor'

type Cells<T> = { [Name in keyof T]?: unknown }

type CellParts = { [Service in keyof CellState]?: Cells<CellState[Service]> } & Record<
  string,
  object
>

interface Case {
  name: string
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
  status: Slice['status']
  /** Every row of each table, some columns each; a table that is not named is empty. */
  rows?: Record<string, Record<string, unknown>[]>
  gaps?: { table_name: string; resource_arn: string | null; cause: string }[]
}

const folder = new URL('collectors/', import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
let collectors: Map<string, Collector>
let lake: string
let engine: Engine

beforeAll(async () => {
  collectors = await loadCollectors()
  lake = await temporaryFolder()
  engine = await openDuckdb({ lake, tables: {} })
})
afterAll(() => engine.close())

describe.each(files.map((file) => file.replace('.yaml', '')))('the collector %s', (name) => {
  const text = readFileSync(new URL(`${name}.yaml`, folder), 'utf8')
  const cases: Case[] = parse(text, { customTags: ['timestamp'] })

  test.each(cases)('$name', async (given) => {
    const slice = await collect(name, given)
    expect.soft(slice.gaps.map(projectedGap).sort()).toEqual((given.gaps ?? []).map(line).sort())
    expect.soft(slice.status).toBe(given.status)
    const expected = given.rows ?? {}
    expect.soft(Object.keys(slice.objects).sort()).toEqual(Object.keys(expected).sort())
    for (const [table, rows] of Object.entries(expected)) {
      expect.soft(slice.rows[table], table).toBe(rows.length)
      const found = await rowsOf(slice.objects[table])
      const scope = collectors.get(name)?.scope
      const account = scope === 'organization' ? MANAGEMENT : MEMBER
      const own = scope === 'cell' ? REGION : 'global'
      const regions = [REGION, own, ...Object.keys(given.elsewhere ?? {})]
      expect.soft(found.filter((row) => !isOfTheCell(row, account, regions))).toEqual([])
      const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
      const seen = found.map((row) => project(row, columns))
      expect.soft(seen.sort(), table).toEqual(rows.map((row) => project(row, columns)).sort())
    }
  })
})

async function collect(name: string, given: Case): Promise<Slice> {
  const collector = collectors.get(name)
  if (!collector) throw new Error(`test/collectors/${name}.yaml: there is no such collector`)
  const simulator = await startSimulator({
    state: organizationOf(given, collector),
    faults: given.faults ?? [],
    clock: () => NOW,
    quotas: false,
  })
  const settings = {
    credentials: USER,
    endpoint: simulator.url,
    homeRegion: 'us-east-1',
    budgetShare: 1,
    clock: () => NOW,
    maxAttempts: 2,
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
  try {
    const attempt = `${given.name.replaceAll(/\W/g, '-')}`
    const { path } = openLake(lake)
    const spool = openUnitSpool((object, table) => createParquetFile(table, path(object)))
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
  } finally {
    session.close()
    caller.close()
    await simulator.close()
  }
}

function organizationOf(given: Case, collector: Collector): OrganizationState {
  const management = accountOf(MANAGEMENT)
  management.users.push({
    name: 'auditor',
    ...USER,
    allow: ['sts:AssumeRole', ...collector.actions],
    deny: given.deny ?? [],
  })
  const member = accountOf(MEMBER)
  member.roles.push({
    name: ROLE,
    trustedAccounts: [MANAGEMENT],
    allow: [...collector.actions],
    deny: given.deny ?? [],
  })
  member.iam = { users: [], groups: [], roles: [], policies: [], ...given.iam }
  member.serviceControlDenials.push(...(given.scp ?? []))
  for (const [region, parts] of Object.entries({ [REGION]: given.cell, ...given.elsewhere })) {
    member.enabledRegions.add(region)
    member.cells.set(region, cellStateOf(parts))
  }
  return {
    id: given.standalone ? undefined : 'o-exampleorg',
    policies: { types: [], policies: [], backupAdministrators: [], ...given.policies },
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

async function rowsOf(object: string | undefined): Promise<Record<string, unknown>[]> {
  if (object === undefined) return []
  const path = literal(join(lake, object))
  return (await engine.query(`select * from read_parquet(${path})`)).rows
}

function isOfTheCell(row: Record<string, unknown>, account: string, regions: string[]): boolean {
  const here = row.account_id === account && regions.includes(String(row.region))
  return here && plain(row.observed_at) === plain(NOW)
}

/** One line per row: what is compared is a set. A column that is absent is null. */
function project(row: Record<string, unknown>, columns: string[]): string {
  return JSON.stringify(Object.fromEntries(columns.map((column) => [column, plain(row[column])])))
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint') return Number(value)
  return value ?? null
}

function projectedGap({ table_name, resource_arn, cause }: Slice['gaps'][number]): string {
  return line({ table_name, resource_arn, cause })
}

function line({ table_name, resource_arn, cause }: Record<string, string | null>): string {
  return `${table_name} | ${resource_arn} | ${cause}`
}
