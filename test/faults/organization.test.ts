import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditResult } from '../../lib/audit.ts'
import { type FaultKind, faultKinds } from '../../simulator/fault-kinds.ts'
import type { Fault } from '../../simulator/faults.ts'
import { vanishing } from '../../simulator/vanishing.ts'
import {
  askLake,
  type FoundFinding,
  findingsOf,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from '../support/simulated.ts'
import { dishonesties, names, type Struck } from './judging.ts'

let simulated: SimulatedOrganization
let undisturbed: FoundFinding[]

beforeAll(async () => {
  simulated = await simulate({ accounts: 4, regions: 2, story: false })
  const whole = await simulated.audit()
  undisturbed = await findingsOf(whole.lake, whole.run_id)
})
afterAll(() => simulated.close())

/** What tells that a run did not go beyond finding out what there is. */
const askedOnce = [
  'sts:GetCallerIdentity',
  'organizations:DescribeOrganization',
  'organizations:ListAccounts',
  'ec2:DescribeRegions',
]

/** Pages are of lists alone; credentials of people do not end by a role or a Region, and nothing there is by a name. */
const LASTING: FaultKind[] = (Object.keys(faultKinds) as FaultKind[]).filter(
  (kind) => !/page$|_items|_token$|region_off|role_deleted|vanished|clock_skew/.test(kind),
)

describe('an organization whose accounts and Regions cannot be found out', () => {
  const cases = [
    ...LASTING.map((kind, index) => [kind, askedOnce[index % askedOnce.length] ?? ''] as const),
    ...(['empty_page', 'repeated_token', 'expired_page_token'] as const).map(
      (kind) => [kind, 'organizations:ListAccounts'] as const,
    ),
  ]

  test.each(cases)('is not audited, rather than in part: %s at %s', async (kind, operation) => {
    const lake = await temporaryFolder()
    simulated.simulator.addFaults({ kind, operation })
    const audited = simulated.audit({ lake, requestTimeoutMs: 1000, maxAttempts: 2 })
    await expect(audited).rejects.toThrow()
    expect(simulated.simulator.strikes()).toBeGreaterThan(0)
    simulated.simulator.clearFaults()
  })
})

describe('an organization whose policies cannot be read', () => {
  let lake: string
  let result: AuditResult
  const TABLES = ['org_policies', 'org_policy_targets']

  beforeAll(async () => {
    lake = await temporaryFolder()
    simulated.simulator.addFaults({ kind: 'denied', operation: 'organizations:ListPolicies' })
    result = await simulated.audit({ lake })
  })

  test('has findings that hang on them unknown, in every account, and all others as they are', async () => {
    const found = await findingsOf(lake, result.run_id)
    const strikes = [...simulated.organization.state.accounts.keys()].map(
      (accountId): Struck => ({
        accountId,
        region: '*',
        controls: '*',
        tables: '*',
        cause: 'denied_iam',
      }),
    )
    expect(dishonesties(found, simulated.organization.truth, strikes)).toEqual([])
    const told = found.filter((one) => strikes.some((strike) => names(one, strike)))
    // They do not bind the management account.
    const guarded = told.filter(({ control_id }) => control_id === 'scps-deny-backup-tampering')
    expect(guarded.length).toBe(strikes.length - 1)
    const before = new Map(undisturbed.map((one) => [one.finding_id, one]))
    const rest = found.filter((one) => !told.includes(one))
    expect(rest.length).toBeGreaterThan(100)
    expect(rest).toEqual(rest.map((one) => before.get(one.finding_id)))
    const gaps = await askLake(
      lake,
      `select distinct table_name, cause from gaps where run_id = '${result.run_id}' and operation <> 'inputs' and cause <> 'not_enrolled' order by 1`,
    )
    expect(gaps).toEqual(TABLES.map((table_name) => ({ table_name, cause: 'denied_iam' })))
  })

  test('is judged whole when the run is resumed and they can be read', async () => {
    simulated.simulator.clearFaults()
    await simulated.audit({ lake, resume: result.run_id })
    expect(await findingsOf(lake, result.run_id)).toEqual(undisturbed)
  })
})

describe('things that vanish between the list that names them and the call for each', () => {
  /** No restore testing plan is planted in so few accounts. */
  const CALLED = vanishing.filter((name) => !/RestoreTestingSelection$/.test(name))
  let result: AuditResult
  let struck: Map<string | undefined, number>

  beforeAll(async () => {
    const faults = CALLED.map((operation): Fault => ({ kind: 'vanished', operation, nth: 1 }))
    simulated.simulator.addFaults(...faults)
    result = await simulated.audit()
    struck = new Map(
      simulated.simulator.struck().map(({ fault, calls }) => [fault.operation, calls]),
    )
    simulated.simulator.clearFaults()
  })

  test.each(CALLED)('are no gap: %s', async (operation) => {
    expect(struck.get(operation)).toBe(1)
    const [, service = '', name = ''] = /^(.*):(.*)$/.exec(operation) ?? []
    const gaps = await askLake(
      result.lake,
      `select operation, resource_arn, cause, detail from gaps where run_id = '${result.run_id}' and operation like '%:${name}'`,
    )
    expect(gaps, service).toEqual([])
  })

  test('leave nothing unknown that was known', async () => {
    expect(result.summary.unread).toEqual([])
    const found = await findingsOf(result.lake, result.run_id)
    const before = new Map(undisturbed.map((one) => [one.finding_id, one]))
    const same = found.filter((one) => before.get(one.finding_id)?.reason === one.reason)
    expect(same.length).toBeGreaterThan(undisturbed.length / 2)
    const unknown = found.filter(({ status }) => status === 'unknown')
    expect(unknown.filter(({ reason }) => reason.startsWith('could not be read'))).toEqual([])
  })
})
