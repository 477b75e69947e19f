import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { runQuery } from '../lib/cli/query.ts'
import { conclude } from '../lib/conclude.ts'
import { loadConfig } from '../lib/config/load.ts'
import { openLake } from '../lib/lake/lake.ts'
import { policyDetail } from '../simulator/organization/managed-policies.ts'
import type { OrganizationState } from '../simulator/state.ts'
import { NOW, type SimulatedOrganization, simulate } from './support/simulated.ts'

// What is asked once for the whole organization, through a whole audit of a small one.

let simulated: SimulatedOrganization
afterEach(() => simulated.close())

const SMALL = { accounts: 3, regions: 2, story: false }
const COLLECTOR = 'organization-policies'

type Rows = Record<string, unknown>[]

async function ask(lake: string, run: string, query: string): Promise<Rows> {
  let printed = ''
  const output = {
    print: (text: string) => {
      printed += text
    },
    note: () => undefined,
    interactive: false,
    colour: false,
    width: 100,
  }
  const code = await runQuery({ query, lake, run, format: 'json' }, output, {
    input: process.stdin,
  })
  expect(code).toBe(0)
  return JSON.parse(printed)
}

const coverage = `select account_id, region, status, cause from coverage where collector = '${COLLECTOR}'`
const policies = 'select account_id, region, policy_id from org_policies order by policy_id'
const tables = `select account_id, status from table_coverage where table_name = 'org_policies' order by account_id`

function callerOf({ accounts, auditAccountId }: OrganizationState) {
  const user = accounts.get(auditAccountId)?.users[0]
  if (!user) throw new Error('the audit account has no user')
  return user
}

async function audited(services: string[] = []) {
  // What is read is looked at here, not what is judged: one control is enough.
  const controls = ['scps-deny-backup-tampering']
  const config = await loadConfig(undefined, { ...simulated.config, services, controls })
  const { lake, run_id, summary } = await simulated.audit({ config })
  return { lake, run_id, config, summary, ask: (query: string) => ask(lake, run_id, query) }
}

describe('the organization’s policies', () => {
  test('are asked for once, in the caller’s account, and hold in every account', async () => {
    simulated = await simulate(SMALL)
    const { state } = simulated.organization
    const run = await audited(['organizations', 'kms'])
    const caller = state.auditAccountId
    expect(await run.ask(coverage)).toEqual([
      { account_id: caller, region: 'global', status: 'complete', cause: null },
    ])
    expect(await run.ask(policies)).toEqual([
      { account_id: caller, region: 'global', policy_id: 'p-FullAWSAccess' },
      { account_id: caller, region: 'global', policy_id: 'p-RCPFullAWSAccess' },
    ])
    const all = [...state.accounts.keys()].sort()
    expect(await run.ask(tables)).toEqual(
      all.map((account_id) => ({ account_id, status: 'complete' })),
    )
    const asked = await run.ask(
      "select distinct unit from answers where region = 'global' and unit not like '%-derive'",
    )
    expect(asked).toEqual([{ unit: `${caller}-organization` }])
    const attached = await run.ask('select count(*) as n from org_policy_targets')
    const [policy] = state.policies?.policies ?? []
    expect(Number(attached[0]?.n)).toBe(2 * (policy?.targets.length ?? 0))
    expect(simulated.simulator.calls.get('organizations:DescribePolicy')).toBe(2)
  })

  test('alone need no role in any account', async () => {
    simulated = await simulate(SMALL)
    const run = await audited(['organizations'])
    expect(run.summary.accounts).toBe(3)
    expect(simulated.simulator.calls.get('sts:AssumeRole')).toBeUndefined()
    expect(await run.ask('select count(distinct unit) as n from answers')).toEqual([{ n: 1 }])
  })

  test('are not asked for where another service is wanted', async () => {
    simulated = await simulate(SMALL)
    const run = await audited(['kms'])
    expect(simulated.simulator.calls.get('organizations:ListPolicies')).toBeUndefined()
    expect(await run.ask(coverage)).toEqual([])
  })

  test('are read by the caller, whether or not its account has the role', async () => {
    simulated = await simulate(SMALL)
    const { state } = simulated.organization
    const own = state.accounts.get(state.auditAccountId)
    if (own) own.roles = []
    const run = await audited(['organizations', 'iam'])
    const closed = `select table_name, status, cause from table_coverage
      where account_id = '${state.auditAccountId}' and table_name in ('iam_principals', 'org_policies') order by table_name`
    expect(await run.ask(closed)).toEqual([
      { table_name: 'iam_principals', status: 'unread', cause: 'role_missing' },
      { table_name: 'org_policies', status: 'complete', cause: null },
    ])
  })

  test('that are denied are unread in every account', async () => {
    simulated = await simulate(SMALL)
    const { state } = simulated.organization
    callerOf(state).deny?.push({ actions: ['organizations:ListPolicies'] })
    const run = await audited(['organizations'])
    expect(await run.ask(coverage)).toEqual([
      {
        account_id: state.auditAccountId,
        region: 'global',
        status: 'partial',
        cause: 'denied_iam',
      },
    ])
    expect(await run.ask(tables)).toEqual(
      [...state.accounts.keys()].sort().map((account_id) => ({ account_id, status: 'unread' })),
    )
    const types = await run.ask(
      `select distinct status from table_coverage where table_name = 'org_policy_types'`,
    )
    expect(types).toEqual([{ status: 'complete' }])
  })

  test('do not apply where there is no organization', async () => {
    simulated = await simulate(SMALL)
    const { state } = simulated.organization
    state.id = undefined
    callerOf(state).allow.push('*')
    const run = await audited()
    expect(await run.ask(coverage)).toEqual([
      {
        account_id: state.auditAccountId,
        region: 'global',
        status: 'not_applicable',
        cause: 'not_enrolled',
      },
    ])
    const [users] = await run.ask(`select count(*) as n from iam_principals where kind = 'user'`)
    expect(Number(users?.n)).toBe(1)
  })

  test('are unread where their answer is lost, and read when the run is resumed', async () => {
    simulated = await simulate(SMALL)
    const { state } = simulated.organization
    const run = await audited(['organizations', 'kms'])
    const lake = openLake(run.lake)
    const answer = `runs/${run.run_id}/answers/${state.auditAccountId}-organization-1.json`
    await rm(join(run.lake, answer))
    await conclude(JSON.parse(await lake.read(`runs/${run.run_id}/run.json`)), {
      config: run.config,
      lake: run.lake,
      clock: () => NOW,
    })
    expect(await run.ask(coverage)).toEqual([
      { account_id: state.auditAccountId, region: 'global', status: 'unread', cause: 'lost' },
    ])
    const before = simulated.simulator.calls.get('sts:AssumeRole')
    await simulated.audit({ config: run.config, lake: run.lake, resume: run.run_id })
    expect(await run.ask(policies)).toHaveLength(2)
    expect(simulated.simulator.calls.get('sts:AssumeRole')).toBe(before)
  })

  test('are asked for again after a passing fault', async () => {
    simulated = await simulate(SMALL)
    simulated.simulator.addFaults({
      operation: 'organizations:ListRoots',
      times: 6,
      kind: 'internal_error',
    })
    const run = await audited(['organizations'])
    expect(await run.ask('select unit, pass, status from answers')).toEqual([
      {
        unit: `${simulated.organization.state.auditAccountId}-organization`,
        pass: 2,
        status: 'complete',
      },
    ])
  })
})

test('an account with 5,000 roles is read to the end, page by page', async () => {
  simulated = await simulate(SMALL)
  const { state } = simulated.organization
  const [id = ''] = [...state.accounts.keys()].slice(-1)
  const iam = state.accounts.get(id)?.iam
  const [role] = iam?.roles ?? []
  if (!iam || !role) throw new Error('the account has no role')
  const held = iam.roles.length
  for (let n = held; n < 5000; n++) {
    iam.roles.push({ ...role, RoleName: `r${n}`, Arn: `arn:aws:iam::${id}:role/r${n}` })
  }
  const arn = `arn:aws:iam::${id}:policy/last`
  iam.policies.push(policyDetail({ arn, name: 'last', document: '{}', attachments: 0 }))
  const run = await audited(['iam'])
  const counted = await run.ask(
    `select count(*) as n, count(distinct arn) as arns from iam_principals where account_id = '${id}' and kind = 'role'`,
  )
  // Strongroom's own roles are two more.
  expect(counted.map(({ n, arns }) => [Number(n), Number(arns)])).toEqual([[5002, 5002]])
  expect(await run.ask(`select name from iam_policies where arn = '${arn}'`)).toEqual([
    { name: 'last' },
  ])
})
