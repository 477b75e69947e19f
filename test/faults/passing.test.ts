import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Fault } from '../../simulator/faults.ts'
import {
  type FoundFinding,
  findingsOf,
  type SimulatedOrganization,
  simulate,
} from '../support/simulated.ts'

/**
 * What passes, wherever a run calls: entering accounts, their Regions, the organization, lists, single things. A run that is struck by all
 * of it finds what an undisturbed one finds. Paging faults strike the first page of a list; clocks differ throughout, and are corrected.
 */
const PASSING: Fault[] = [
  ...['ec2:DescribeVolumes', 'backup:ListBackupVaults', 'organizations:ListPolicies'].map(
    (operation): Fault => ({ kind: 'throttle', operation, nth: [1, 2] }),
  ),
  { kind: 'throttle', operation: 'kms:DescribeKey', rate: 0.3, times: 20 },
  { kind: 'internal_error', operation: 'sts:AssumeRole', nth: 1 },
  { kind: 'internal_error', operation: 'organizations:ListAccounts', nth: 1 },
  { kind: 'internal_error', operation: 'redshift:*', nth: [1, 3] },
  { kind: 'reset', operation: 'rds:*', nth: [1, 7] },
  { kind: 'reset', operation: 'sts:AssumeRole', nth: 3 },
  { kind: 'hang', operation: 'sns:ListTopics', nth: 1 },
  { kind: 'hang', operation: 'account:ListRegions', nth: 1 },
  { kind: 'expired_token', operation: 'fsx:*', nth: 2 },
  { kind: 'expired_token', operation: 'ec2:DescribeSnapshots', nth: 2 },
  { kind: 'expired_token', operation: 's3:Get*', nth: 4 },
  { kind: 'truncated_body', operation: 'ec2:DescribeImages', nth: 2 },
  { kind: 'truncated_body', operation: 'organizations:ListRoots', nth: 1 },
  { kind: 'slow_body', operation: 'iam:GetAccountAuthorizationDetails', nth: 1, latencyMs: 400 },
  { kind: 'slow_body', operation: 'ec2:DescribeRegions', nth: 1 },
  { kind: 'malformed_body', operation: 'drs:DescribeSourceServers', nth: 1 },
  { kind: 'malformed_body', operation: 'account:ListRegions', nth: 2 },
  { kind: 'malformed_body', operation: 'rbin:GetRule', nth: 1 },
  { kind: 'empty_body', operation: 'sts:AssumeRole', nth: 5 },
  { kind: 'empty_body', operation: 'dynamodb:ListTables', nth: 1 },
  { kind: 'empty_body', operation: 's3:ListBuckets', nth: 1 },
  { kind: 'empty_body', operation: 'organizations:DescribeOrganization', nth: 1 },
  { kind: 'html_page', operation: 'elasticache:DescribeSnapshots', nth: 1 },
  { kind: 'html_page', operation: 'kms:ListAliases', nth: 1 },
  { kind: 'empty_page', operation: 'backup:ListBackupPlans', nth: [1, 2, 3] },
  { kind: 'empty_page', operation: 'ec2:DescribeLockedSnapshots', nth: 1 },
  { kind: 'empty_page', operation: 'account:ListRegions', nth: 4 },
  ...[
    'backup:ListRecoveryPointsByBackupVault',
    'backup:ListCopyJobs',
    'rds:DescribeDBInstances',
    'rds:DescribeDBSnapshots',
    'kms:ListKeys',
    's3:ListBuckets',
    'elasticfilesystem:DescribeFileSystems',
    'events:ListRules',
    'rbin:ListRules',
    'memorydb:DescribeSnapshots',
  ].map((operation): Fault => ({ kind: 'duplicate_items', operation, nth: [2, 4] })),
  { kind: 'repeated_token', operation: 'rds:DescribeDBClusters', nth: [1, 2] },
  { kind: 'expired_page_token', operation: 'sns:ListTopics', nth: [2, 3] },
  { kind: 'clock_skew', region: 'eu-south-1', skewMs: -40 * 60_000 },
]

const nameOf = ({ kind, operation = 'every call', region = 'every Region' }: Fault) =>
  `${kind} at ${operation} in ${region}`

describe('faults that pass', () => {
  let simulated: SimulatedOrganization
  let undisturbed: FoundFinding[]
  let found: FoundFinding[]
  let retries: number
  let struck: Map<string, number>

  beforeAll(async () => {
    simulated = await simulate({ accounts: 4, regions: 2, story: false })
    const whole = await simulated.audit()
    undisturbed = await findingsOf(whole.lake, whole.run_id)
    simulated.simulator.addFaults(...PASSING)
    const result = await simulated.audit({ requestTimeoutMs: 5000 })
    found = await findingsOf(result.lake, result.run_id)
    expect(result.summary.unread).toEqual([])
    retries = result.summary.retries
    struck = new Map(simulated.simulator.struck().map(({ fault, calls }) => [nameOf(fault), calls]))
  })
  afterAll(() => simulated.close())

  test('change no finding, word for word', () => {
    expect(undisturbed.length).toBeGreaterThan(300)
    expect(found).toEqual(undisturbed)
  })

  test.each(PASSING.map((fault) => [nameOf(fault), fault] as const))('%s', (name, { nth }) => {
    // Of the calls that a fault names, another may strike some first.
    expect(struck.get(name)).toBeGreaterThanOrEqual(nth === undefined ? 2 : 1)
  })

  test('are each retried, and counted', () => {
    // Calls under way together set the SDK's clock to and fro: what meets the skew to its last attempt is asked again by a later pass.
    const refused = simulated.simulator
      .struck()
      .filter(({ fault: { kind } }) => !/_page|_items|_token|slow|skew/.test(kind))
      .reduce((sum, { calls }) => sum + calls, 0)
    expect(refused).toBeGreaterThan(30)
    expect(retries).toBeGreaterThanOrEqual(refused)
  })
})
