import { afterEach, describe, expect, test } from 'vitest'
import { loadControls } from '../lib/engine/controls.ts'
import type { Fault } from '../simulator/faults.ts'
import {
  type FoundFinding,
  findingsOf,
  type SimulatedOrganization,
  simulate,
} from './support/simulated.ts'

const SMALL = { accounts: 3, regions: 2, story: false } as const

const opened: SimulatedOrganization[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()))
})

type Overrides = Parameters<typeof simulate>[1]

async function open(overrides: Overrides = {}): Promise<SimulatedOrganization> {
  const simulated = await simulate(SMALL, overrides)
  opened.push(simulated)
  return simulated
}

/** The findings and the summary of the small organization, as it misbehaves. */
async function audited(
  faults: Fault[],
  { overrides, requestTimeoutMs }: { overrides?: Overrides; requestTimeoutMs?: number } = {},
) {
  const simulated = await open(overrides)
  simulated.simulator.addFaults(...faults)
  const result = await simulated.audit(requestTimeoutMs ? { requestTimeoutMs } : {})
  const found = await findingsOf(result.lake, result.run_id)
  return { simulated, found, summary: result.summary }
}

/** Judged the same, word for word. */
function without(found: FoundFinding[], controls: string[]): FoundFinding[] {
  return found.filter((finding) => !controls.includes(finding.control_id))
}

/** What a finding judges, and by which control. */
function subjectOf(
  one: Pick<FoundFinding, 'control_id' | 'account_id' | 'region' | 'resource_arn'>,
) {
  return `${one.control_id} ${one.account_id} ${one.region} ${one.resource_arn}`
}

/** The controls that read one of the tables. */
function controlsOf(...tables: string[]): string[] {
  return loadControls()
    .filter(({ subject, evidence }) =>
      [...subject, ...evidence.map(({ table }) => table)].some((table) => tables.includes(table)),
    )
    .map(({ id }) => id)
}

describe('a fault that passes changes no finding', () => {
  const passing: [string, Fault[]][] = [
    ['internal errors', [{ kind: 'internal_error', nth: [2, 5, 40, 41, 90] }]],
    [
      'connections that are reset',
      [
        { kind: 'reset', operation: 'rds:*', nth: [1, 7] },
        { kind: 'reset', operation: 'backup:List*', nth: 3 },
      ],
    ],
    ['a truncated body', [{ kind: 'truncated_body', operation: 'ec2:DescribeSnapshots', nth: 2 }]],
    [
      'throttling',
      [
        { kind: 'throttle', operation: 'kms:DescribeKey', nth: [1, 4] },
        { kind: 'throttle', operation: 'backup:ListBackupVaults', nth: 1 },
      ],
    ],
    [
      'expired tokens',
      [
        { kind: 'expired_token', operation: 'rds:*', nth: 2 },
        { kind: 'expired_token', operation: 'backup:*', nth: 3 },
        { kind: 'expired_token', operation: 'ec2:Describe*', nth: 4 },
      ],
    ],
  ]

  test.each(passing)('%s', async (_, faults) => {
    const [undisturbed, disturbed] = await Promise.all([audited([]), audited(faults)])
    expect(undisturbed.found.length).toBeGreaterThan(50)
    expect(disturbed.found).toEqual(undisturbed.found)
    const wanted = faults.flatMap(({ nth = [] }) => nth).length
    expect(disturbed.simulated.simulator.strikes()).toBe(wanted)
    expect(disturbed.summary.retries).toBeGreaterThanOrEqual(wanted)
    expect(disturbed.summary.unread).toEqual([])
  })
})

test('an API that is denied throughout turns only its own controls unknown, with the cause', async () => {
  const denied: Fault = { operation: 'ec2:GetEbsEncryptionByDefault', kind: 'denied' }
  const [undisturbed, disturbed] = await Promise.all([audited([]), audited([denied])])
  const own = controlsOf('ebs_settings')
  expect(own).toContain('ebs-encryption-by-default-is-on')
  expect(own.length).toBeLessThan(5)
  expect(without(disturbed.found, own)).toEqual(without(undisturbed.found, own))

  const ofOwn = <One extends { control_id: string }>(all: One[]) =>
    all.filter(({ control_id }) => own.includes(control_id))
  const truth = ofOwn(undisturbed.simulated.organization.truth)
  const ours = ofOwn(disturbed.found)
  // Each thing is still judged, by each control, and nothing else is.
  expect(ours.map(subjectOf).sort()).toEqual(truth.map(subjectOf).sort())
  const before = new Map(ofOwn(undisturbed.found).map((one) => [subjectOf(one), one]))
  const [same, differing] = [true, false].map((wanted) =>
    ours.filter((one) => (before.get(subjectOf(one))?.reason === one.reason) === wanted),
  )
  expect([...new Set(differing?.map(({ status }) => status))]).toEqual(['unknown'])
  expect(differing?.filter(({ reason }) => !/denied|not allow/i.test(reason))).toEqual([])
  expect([...new Set(differing?.map(({ control_id }) => control_id))].sort()).toEqual(own.sort())
  const judged = new Map(truth.map((one) => [subjectOf(one), one.status]))
  expect(same?.filter((one) => one.status !== judged.get(subjectOf(one)))).toEqual([])
  const settings = ours.filter(({ control_id }) => control_id === 'ebs-encryption-by-default-is-on')
  expect([...new Set(settings.map(({ status }) => status))]).toEqual(['unknown'])
  expect([...new Set(disturbed.summary.unread.map(({ cause }) => cause))]).toHaveLength(1)
  expect(disturbed.summary.unread[0]?.cause).toMatch(/^denied/)
})

test('an API that never answers is unknown, with the cause timeout', async () => {
  const hang: Fault = { operation: 'ec2:GetSnapshotBlockPublicAccessState', kind: 'hang' }
  const [undisturbed, disturbed] = await Promise.all([
    audited([]),
    audited([hang], { requestTimeoutMs: 300 }),
  ])
  const own = controlsOf('snapshot_public_access')
  expect(without(disturbed.found, own)).toEqual(without(undisturbed.found, own))
  const turned = disturbed.found.filter((finding) => own.includes(finding.control_id))
  expect(turned.length).toBeGreaterThan(0)
  expect([...new Set(turned.map((finding) => finding.status))]).toContain('unknown')
  expect(turned.filter((finding) => finding.status === 'pass')).toEqual([])
  expect([...new Set(disturbed.summary.unread.map(({ cause }) => cause))]).toEqual(['timeout'])
})

test('a wrong role name leaves every control unknown, once per account that it judges', async () => {
  const { simulated, found, summary } = await audited([], { overrides: { role_name: 'Nobody' } })
  const { accounts, managementAccountId } = simulated.organization.state
  // Who administers backups is asked of the organization, which answers without a role: one account is judged.
  const expected = loadControls().flatMap(({ id, spans }) =>
    [...(spans === 'organization' ? [managementAccountId] : accounts.keys())].map(
      (account) => `${id} ${account}`,
    ),
  )
  expect(found.map((one) => `${one.control_id} ${one.account_id}`).sort()).toEqual(expected.sort())
  expect([...new Set(found.map((one) => `${one.status} ${one.region}`))]).toEqual([
    'unknown global',
  ])
  expect([...new Set(summary.unread.map(({ cause }) => cause))]).toEqual(['role_missing'])
})
