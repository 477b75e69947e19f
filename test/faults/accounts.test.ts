import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditResult } from '../../lib/audit.ts'
import { loadControls } from '../../lib/engine/controls.ts'
import type { Fault } from '../../simulator/faults.ts'
import {
  type FoundFinding,
  findingsOf,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from '../support/simulated.ts'
import { dishonesties, names, type Struck } from './judging.ts'

/** What befalls whole accounts: some cannot be entered, others change while they are read. */
interface AccountRow {
  account: string
  fault: Fault
  /** What is said of what was not read. */
  cause: string
  /** Whether nothing at all of the account is read. */
  closed: boolean
  /** Where it strikes; everywhere when undefined. */
  region?: string
}

const enters = 'sts:AssumeRole'

const ROWS: AccountRow[] = [
  {
    account: 'management',
    fault: { kind: 'hang', operation: enters },
    cause: 'timeout',
    closed: true,
  },
  {
    account: 'analytics-prod',
    fault: { kind: 'throttle', operation: enters },
    cause: 'throttled',
    closed: true,
  },
  {
    account: 'payments-prod',
    // While its vaults are read.
    fault: { kind: 'role_deleted', operation: 'backup:GetBackupVaultNotifications', from: 2 },
    cause: 'role_missing',
    closed: false,
  },
  {
    account: 'backup-vault',
    fault: { kind: 'region_off', operation: 'rds:DescribeDBSnapshots', region: 'eu-south-1' },
    cause: 'region_switched_off',
    closed: false,
    region: 'eu-south-1',
  },
  {
    account: 'orders-prod',
    fault: { kind: 'denied_scp', from: 40 },
    cause: 'denied_scp',
    closed: false,
  },
]

const CLOSED = ROWS.filter(({ closed }) => closed)
const HALF = ROWS.filter(({ closed }) => !closed)
const titled = (rows: AccountRow[]) =>
  rows.map((row) => [`${row.fault.kind} at ${row.account}`, row] as const)

describe('an account', () => {
  let simulated: SimulatedOrganization
  let undisturbed: FoundFinding[]
  let lake: string
  let result: AuditResult
  let found: FoundFinding[]
  let struck: number[]

  function idOf(name: string): string {
    for (const [id, { account }] of simulated.organization.state.accounts) {
      if (account.Name === name) return id
    }
    throw new Error(`there is no account ${name}`)
  }

  beforeAll(async () => {
    simulated = await simulate({ accounts: 6, regions: 2, story: false })
    const whole = await simulated.audit()
    undisturbed = await findingsOf(whole.lake, whole.run_id)
    simulated.simulator.addFaults(
      ...ROWS.map(({ account, fault }) => ({ ...fault, account: idOf(account) })),
    )
    lake = await temporaryFolder()
    result = await simulated.audit({ lake, requestTimeoutMs: 4000, maxAttempts: 3 })
    found = await findingsOf(lake, result.run_id)
    struck = simulated.simulator.struck().map(({ calls }) => calls)
  })
  afterAll(() => simulated.close())

  const ofAccount = (all: FoundFinding[], { account }: AccountRow) =>
    all.filter((one) => one.account_id === idOf(account))

  test.each(titled(CLOSED))('that cannot be entered is one unknown per control: %s', (_, row) => {
    expect(struck[ROWS.indexOf(row)]).toBeGreaterThan(0)
    const isManagement = idOf(row.account) === simulated.organization.state.managementAccountId
    const controls = loadControls()
      .filter(({ spans }) => spans !== 'organization' || isManagement)
      .map(({ id }) => id)
    const own = ofAccount(found, row)
    expect(own.map(({ control_id }) => control_id).sort()).toEqual(controls.sort())
    expect([...new Set(own.map(({ status, region }) => `${status} ${region}`))]).toEqual([
      'unknown global',
    ])
    expect(own.filter(({ reason }) => !reason.includes(`(${row.cause})`))).toEqual([])
  })

  test.each(titled(HALF))('that changes midway is judged by what was read: %s', (_, row) => {
    expect(struck[ROWS.indexOf(row)]).toBeGreaterThan(0)
    const own = ofAccount(found, row)
    const strike: Struck = {
      accountId: idOf(row.account),
      region: row.region ?? '*',
      controls: '*',
      tables: '*',
      cause: row.cause,
    }
    const truth = simulated.organization.truth.filter(
      ({ account_id }) => account_id === idOf(row.account),
    )
    expect(dishonesties(own, truth, [strike])).toEqual([])
    expect(own.filter((one) => names(one, strike)).length).toBeGreaterThan(0)
    expect(own.filter(({ status }) => status !== 'unknown').length).toBeGreaterThan(0)
  })

  test('that nothing befalls is judged as ever, but for what it shares with the others', () => {
    const others = new Set(ROWS.map(({ account }) => idOf(account)))
    const before = new Map(undisturbed.map((one) => [one.finding_id, one]))
    const beyond = found.filter(({ account_id }) => !others.has(account_id))
    const changed = beyond.filter((one) => before.get(one.finding_id)?.reason !== one.reason)
    expect(beyond.length).toBeGreaterThan(10)
    expect(changed.filter(({ status }) => status !== 'unknown')).toEqual([])
  })

  test('is read to the end when the run is resumed and it is as it was', async () => {
    simulated.simulator.clearFaults()
    const resumed = await simulated.audit({ lake, resume: result.run_id })
    expect(resumed.summary.unread).toEqual([])
    expect(await findingsOf(lake, result.run_id)).toEqual(undisturbed)
  })
})
