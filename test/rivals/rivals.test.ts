import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadCollectors } from '../../lib/collectors/load.ts'
import { loadControls } from '../../lib/engine/controls.ts'
import type { Summary } from '../../lib/report/summary.ts'
import { ec2Sharing } from '../../simulator/operations/ec2.ts'
import { efsState } from '../../simulator/operations/efs.ts'
import { rdsSharing } from '../../simulator/operations/rds.ts'
import { type FoundFinding, findingsOf, NOW, temporaryFolder } from '../support/simulated.ts'
import { addBucket } from './buckets.ts'
import {
  ALPHA,
  addCluster,
  addClusterSnapshot,
  addDbSnapshot,
  addKey,
  addPlan,
  addPoint,
  addSnapshot,
  addVault,
  addVolume,
  arn,
  BETA,
  Organization,
} from './organization.ts'

/*
 * What other tools that audit backups were seen to get wrong, each as a test that passes here. Every one goes through the
 * public door: an organization is filled by hand, audited, and asked for its findings. A test is named by the right answer;
 * the tool that gave another is said beside it.
 */

/** What has more than the 500 volumes that one page of `DescribeVolumes` has, and the 100 items of other lists. */
const VOLUMES = 1100
const FILE_SYSTEMS = 105
const CLUSTERS = 105
/** More recovery points than a page of 1,000. */
const POINTS = 1200

const REGIONS = ['us-east-1', 'me-south-1', 'me-central-1']

let organization: Organization
let lake: string
let findings: FoundFinding[]
let summary: Summary
let calls: Map<string, number>
let made: ReturnType<typeof fill>

/** The 17 digits of an id of one kind. */
function idOf(kind: number, index: number): string {
  return `${kind}${index.toString(16).padStart(16, '0')}`
}

/** Fills the organization, and returns the ARNs that the tests ask for. */
function fill() {
  const alpha = organization.at(ALPHA, 'us-east-1')
  const beta = organization.at(BETA, 'us-east-1')
  const south = organization.at(ALPHA, 'me-south-1')
  const central = organization.at(ALPHA, 'me-central-1')
  const betaSouth = organization.at(BETA, 'me-south-1')
  const key = addKey(alpha, 'a1')
  const southKey = addKey(betaSouth, 'b1')
  for (const { state } of [alpha, beta, south]) {
    state.backup.resourceTypeOptIn = { EBS: true, EC2: true, RDS: true, Aurora: true }
  }

  // Snapshots that are shared, public, private, and closed to the auditor.
  const shared = {
    dbOpen: addDbSnapshot(alpha, 'db-open'),
    dbPrivate: addDbSnapshot(alpha, 'db-private'),
    dbClosed: addDbSnapshot(alpha, 'db-closed'),
    clusterPrivate: addClusterSnapshot(alpha, 'cluster-private'),
    clusterClosed: addClusterSnapshot(alpha, 'cluster-closed'),
    // Where no database is that would be unknown too.
    ebsStranger: addSnapshot(central, 'snap-0000000000000000a', key),
    ebsClosed: addSnapshot(central, 'snap-0000000000000000b', key),
  }
  rdsSharing(alpha.state).snapshots['db-open'] = ['all']
  rdsSharing(alpha.state).snapshots['db-closed'] = ['all']
  rdsSharing(alpha.state).clusterSnapshots['cluster-closed'] = ['all']
  for (const id of ['snap-0000000000000000a', 'snap-0000000000000000b'])
    ec2Sharing(central.state).snapshots[id] = [{ UserId: '999988887777' }]

  // One more than two runs can ask about with a budget of two each.
  const weekly = [0, 1, 2, 3, 4].map((week) => addDbSnapshot(betaSouth, `weekly-${week}`))
  rdsSharing(betaSouth.state).snapshots['weekly-4'] = ['all']

  // A vault that is read, with a point under no key in spite of the vault's, and one that a second run cannot read.
  const vault = addVault(alpha, 'ledger', key)
  const clear = addPoint(alpha, 'ledger', 'snap-000000000000000c1')
  for (let index = 0; index < POINTS; index++)
    addPoint(alpha, 'ledger', `snap-${idOf(1, index)}`, key)
  addVault(alpha, 'payroll', key)
  const denied = addPoint(alpha, 'payroll', 'snap-000000000000000d1')

  const volumes = {
    byTag: addVolume(alpha, 'vol-0000000000000000a', { key, tags: { backup: 'daily' } }),
    otherValue: addVolume(alpha, 'vol-0000000000000000b', { key, tags: { backup: 'never' } }),
    byCondition: addVolume(alpha, 'vol-0000000000000000c', { key, tags: { tier: 'gold' } }),
    otherCondition: addVolume(alpha, 'vol-0000000000000000d', { key, tags: { tier: 'tin' } }),
    excluded: addVolume(alpha, 'vol-0000000000000000e', { key, tags: { tier: 'gold' } }),
    ofBeta: addVolume(beta, 'vol-0000000000000000f', { tags: { backup: 'daily' } }),
    ofSouth: addVolume(south, 'vol-00000000000000010', { tags: { backup: 'daily', tier: 'gold' } }),
    ofCentral: addVolume(central, 'vol-00000000000000011'),
    byOwnPlan: addVolume(betaSouth, 'vol-00000000000000012', { tags: { backup: 'daily' } }),
  }
  const daily = { ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'daily' }
  const tagged = {
    SelectionName: 'tagged',
    ListOfTags: [{ ...daily, ConditionType: 'STRINGEQUALS' as const }],
  }
  addPlan(alpha, 'ledger', [
    tagged,
    {
      SelectionName: 'gold',
      Resources: ['arn:aws:ec2:*:*:volume/*'],
      NotResources: [volumes.excluded],
      Conditions: {
        StringEquals: [{ ConditionKey: 'aws:ResourceTag/tier', ConditionValue: 'gold' }],
      },
    },
    { SelectionName: 'abroad', Resources: [volumes.ofBeta, volumes.ofSouth] },
  ])
  betaSouth.state.backup.resourceTypeOptIn = { EBS: true }
  addVault(betaSouth, 'south', southKey)
  addPlan(betaSouth, 'south', [tagged])

  // Buckets: a copy in another account and Region, under a key of there; one under a key of here; one that is closed.
  const buckets = {
    copies: addBucket(betaSouth, 'ledger-copies', { key: southKey, locked: true }),
    source: addBucket(alpha, 'ledger-data', { key, to: 'ledger-copies', replicaKey: southKey }),
    misrouted: addBucket(alpha, 'ledger-misrouted', { key, to: 'ledger-copies', replicaKey: key }),
    closed: addBucket(alpha, 'ledger-closed', {}),
  }
  organization.deny(ALPHA, {
    actions: ['rds:DescribeDBSnapshotAttributes', 'rds:DescribeDBClusterSnapshotAttributes'],
    resources: [shared.dbClosed, shared.clusterClosed],
  })
  organization.deny(ALPHA, {
    actions: ['ec2:DescribeSnapshotAttribute'],
    resources: [shared.ebsClosed],
  })
  organization.deny(ALPHA, {
    actions: ['s3:GetEncryptionConfiguration'],
    resources: [buckets.closed],
  })
  organization.deny(BETA, { actions: ['rds:DescribeDBSnapshots'], regions: ['me-central-1'] })

  // More of each than one page has.
  const pages = {
    volumes: Array.from({ length: VOLUMES }, (_, index) =>
      addVolume(beta, `vol-${idOf(2, index)}`),
    ),
    fileSystems: Array.from({ length: FILE_SYSTEMS }, (_, index) => {
      const id = `fs-${idOf(3, index)}`
      const FileSystemArn = arn(beta, 'elasticfilesystem', `file-system/${id}`)
      efsState(beta.state).fileSystems.push({
        fileSystem: {
          OwnerId: BETA,
          CreationToken: id,
          FileSystemId: id,
          FileSystemArn,
          CreationTime: new Date('2026-01-01T00:00:00Z'),
          LifeCycleState: 'available',
          NumberOfMountTargets: 0,
          SizeInBytes: { Value: 6144 },
          PerformanceMode: 'generalPurpose',
          Encrypted: false,
          Tags: [],
        },
      })
      return FileSystemArn
    }),
    docdb: Array.from({ length: CLUSTERS }, (_, index) =>
      addCluster(beta, `documents-${index}`, 'docdb'),
    ),
    neptune: Array.from({ length: CLUSTERS }, (_, index) =>
      addCluster(beta, `graph-${index}`, 'neptune'),
    ),
  }
  return { ...shared, ...volumes, weekly, vault, clear, denied, buckets, pages }
}

beforeAll(async () => {
  organization = await Organization.open(REGIONS)
  made = fill()
  lake = await temporaryFolder()
  // Calls for single items are few, and as quick as AWS lets them be: the file systems have more than the test can wait for.
  const result = await organization.audit(lake, { per_item_calls: 20, budget_share: 1 })
  summary = result.summary
  findings = await findingsOf(lake, result.run_id)
  calls = new Map(organization.simulator.calls)
})
afterAll(() => organization.simulator.close())

/** What a control says of a resource; undefined: nothing at all. */
function said(control: string, resource: string, of = findings): string | undefined {
  const all = of.filter((one) => one.control_id === control && one.resource_arn === resource)
  expect(all.length, `${control} judges ${resource} more than once`).toBeLessThanOrEqual(1)
  return all[0]?.status
}

/** What a control says of an account and Region as such. */
function saidOf(control: string, accountId: string, region: string, of = findings) {
  const here = of.filter((one) => one.account_id === accountId && one.region === region)
  return said(control, `AWS::::Account:${accountId}`, here)
}

describe('what cannot be read never passes', () => {
  // Prowler: "public" starts as no, and a refused or throttled read of the attributes leaves it so.
  test('a database snapshot whose sharing is denied is unknown, though it is public', () => {
    const control = 'rds-snapshots-are-not-public'
    expect(said(control, made.dbOpen)).toBe('fail')
    expect(said(control, made.dbPrivate)).toBe('pass')
    expect(said(control, made.clusterPrivate)).toBe('pass')
    expect(said(control, made.dbClosed)).toBe('unknown')
    expect(said(control, made.clusterClosed)).toBe('unknown')
  })

  test('an EBS snapshot whose sharing is denied is not held to be unshared', () => {
    const control = 'snapshots-are-shared-only-with-trusted-accounts'
    expect(said(control, made.ebsStranger)).toBe('fail')
    expect(said(control, made.ebsClosed)).toBeUndefined()
    expect(saidOf(control, ALPHA, 'me-central-1')).toBe('unknown')
  })

  // Steampipe's modules: a denied bucket has empty columns, and the control says ok.
  test('a bucket whose encryption is denied is unknown, and its account is not all well', () => {
    const control = 's3-buckets-use-approved-keys'
    expect(said(control, made.buckets.source)).toBe('pass')
    expect(said(control, made.buckets.closed)).toBeUndefined()
    expect(saidOf(control, ALPHA, 'us-east-1')).toBe('unknown')
  })

  // Steampipe: error codes that are ignored become empty lists.
  test('a denied listing is not an empty one', () => {
    const control = 'rds-snapshots-are-encrypted'
    expect(saidOf(control, BETA, 'me-central-1')).toBe('unknown')
    expect(saidOf(control, BETA, 'me-south-1')).toBeUndefined()
    const denied = summary.unread.filter(({ cause }) => cause === 'denied_iam')
    expect(denied.map(({ account_id, region }) => `${account_id} ${region}`)).toContain(
      `${BETA} me-central-1`,
    )
    expect(summary.score.low).toBeLessThan(summary.score.high ?? 0)
  })

  // Prowler: no finding is left of a vault whose points are denied, so that the earlier failures are archived as fixed.
  test('a vault that is denied today is not fixed, and hides no other vault', async () => {
    const control = 'recovery-points-are-encrypted'
    expect(said(control, made.denied)).toBe('fail')
    const allow = organization.deny(ALPHA, {
      actions: ['backup:ListRecoveryPointsByBackupVault'],
      resources: [made.vault.replace('ledger', 'payroll')],
    })
    try {
      const scope = { regions: ['us-east-1'], accounts: [ALPHA], services: ['backup', 'kms'] }
      const { run_id } = await organization.audit(lake, { ...scope, controls: [control] })
      const later = await findingsOf(lake, run_id)
      expect(said(control, made.clear, later)).toBe('fail')
      expect(said(control, made.denied, later)).toBeUndefined()
      expect(saidOf(control, ALPHA, 'us-east-1', later)).toBe('unknown')
    } finally {
      allow()
    }
  })
})

describe('a plan protects what it chooses, and nothing else', () => {
  const control = 'data-stores-are-in-a-backup-plan'

  // Turbot's modules: selections are joined to resources without account or Region. Prowler: every Region's plans are walked
  // with every Region's client, and the first that is elsewhere ends the search.
  test.each([
    ['of another account', 'ofBeta'],
    ['of another Region', 'ofSouth'],
  ] as const)('a plan %s protects nothing, though it names the resource', (_, volume) => {
    expect(said(control, made[volume])).toBe('fail')
  })

  test('each Region’s own plan counts, whichever Region was read first', () => {
    expect(said(control, made.byTag)).toBe('pass')
    expect(said(control, made.byOwnPlan)).toBe('pass')
  })

  // Turbot's modules: a tag's key is enough. Prowler: tags do not count at all.
  test('a tag counts with its value', () => {
    expect(said(control, made.byTag)).toBe('pass')
    expect(said(control, made.otherValue)).toBe('fail')
  })

  // Prowler: conditions and exceptions are not read.
  test('conditions and exceptions count', () => {
    expect(said(control, made.byCondition)).toBe('pass')
    expect(said(control, made.otherCondition)).toBe('fail')
    expect(said(control, made.excluded)).toBe('fail')
  })

  // Prowler: a resource counts as planned only when its first backup has been made.
  test('a plan counts before its first backup, whose absence is a finding of its own', () => {
    expect(said(control, made.byCondition)).toBe('pass')
    expect(said('data-stores-have-a-recent-recovery-point', made.byCondition)).toBe('fail')
  })
})

describe('an isolated copy is what is wanted', () => {
  // Prowler: replication to another account always fails, and the key of the replicas is never read.
  test('no control punishes replication to another account', () => {
    const judged = findings
      .filter(({ resource_arn }) => resource_arn === made.buckets.source)
      // Whether a plan of AWS Backup takes it as well is another question.
      .filter(({ control_id }) => !control_id.startsWith('data-stores-'))
    expect(judged.map(({ control_id, status }) => `${control_id} ${status}`).sort()).toEqual([
      's3-buckets-use-approved-keys pass',
      's3-replicas-use-destination-keys pass',
      's3-replication-includes-kms-objects pass',
    ])
    expect(said('backup-buckets-are-versioned-and-locked', made.buckets.copies)).toBe('pass')
  })

  test('the key of the replicas is read: one of another Region than theirs fails', () => {
    expect(said('s3-replicas-use-destination-keys', made.buckets.misrouted)).toBe('fail')
  })
})

describe('nothing is left out', () => {
  // Prowler: two Regions are left out of every scan unless the configuration says otherwise.
  test.each([
    ['me-south-1', 'ofSouth'],
    ['me-central-1', 'ofCentral'],
  ] as const)('%s is audited without being asked for', (region, volume) => {
    expect(said('ebs-volumes-are-encrypted', made[volume])).toBe('fail')
    for (const account of [ALPHA, BETA])
      expect(saidOf('ebs-encryption-by-default-is-on', account, region)).toBe('fail')
  })

  // ElectricEye: volumes, file systems and clusters are read to the end of the first page.
  test.each([
    ['volumes', 'ebs-volumes-are-encrypted', VOLUMES],
    ['fileSystems', 'efs-file-systems-are-encrypted', FILE_SYSTEMS],
    ['docdb', 'rds-clusters-are-encrypted', CLUSTERS],
    ['neptune', 'rds-clusters-are-encrypted', CLUSTERS],
  ] as const)('every page of %s is read', (kind, control, count) => {
    const failing = new Set(
      findings
        .filter(({ control_id, status }) => control_id === control && status === 'fail')
        .map(({ resource_arn }) => resource_arn),
    )
    expect(made.pages[kind].length).toBe(count)
    expect(made.pages[kind].filter((one) => !failing.has(one))).toEqual([])
  })

  // Prowler: beyond a limit of resources there is no finding at all, and nothing says so.
  test('a budget leaves unknown findings that name it, and the next run reads on', async () => {
    const control = 'rds-snapshots-are-not-public'
    const given = {
      per_item_calls: 2,
      services: ['rds'],
      controls: [control],
      regions: ['me-south-1'],
      accounts: [BETA],
    }
    const thrifty = await temporaryFolder()
    const statuses: Record<string, number>[] = []
    for (const day of [0, 1, 2]) {
      const now = new Date(NOW.getTime() + day * 86_400_000)
      const result = await organization.audit(thrifty, given, now)
      const judged = await findingsOf(thrifty, result.run_id)
      expect(judged.map(({ resource_arn }) => resource_arn).sort()).toEqual(made.weekly)
      const unknown = judged.filter(({ status }) => status === 'unknown')
      expect(unknown.filter(({ reason }) => !reason.includes('budget'))).toEqual([])
      expect(result.summary.unread.every(({ cause }) => cause === 'budget')).toBe(true)
      statuses.push({ judged: judged.length - unknown.length, unknown: unknown.length })
      if (unknown.length === 0) expect(said(control, made.weekly[4] ?? '', judged)).toBe('fail')
    }
    expect(statuses).toEqual([
      { judged: 2, unknown: 3 },
      { judged: 4, unknown: 1 },
      { judged: 5, unknown: 0 },
    ])
  })
})

describe('what a run costs, and touches', () => {
  // Prowler: each recovery point's tags are asked for, three quarters of an hour for 50,000 points.
  test('no call is made for a single recovery point', () => {
    expect(calls.get('backup:ListRecoveryPointsByBackupVault')).toBeGreaterThan(0)
    const most = [...calls].filter(([name]) => name.startsWith('backup:')).map(([, count]) => count)
    expect(Math.max(...most)).toBeLessThan(20)
    expect([...calls.keys()].filter((name) => /ListTags|RecoveryPoint(?!sBy)/.test(name))).toEqual(
      [],
    )
    const points = findings.filter((one) => one.control_id === 'recovery-points-are-encrypted')
    expect(points.length).toBe(POINTS + 2)
  })

  // Cloud Custodian: the id of a finding is remembered as a tag of the resource that is audited.
  test('nothing is written to an account', async () => {
    const collectors = [...(await loadCollectors()).values()]
    const reading = /^[a-z0-9-]+:(Get|List|Describe)\w+$/
    expect(
      collectors.flatMap(({ actions }) => actions).filter((one) => !reading.test(one)),
    ).toEqual([])
    const others = [...calls.keys()].filter((name) => !reading.test(name))
    expect(others).toEqual(['sts:AssumeRole'])
  })

  // Cloud Custodian's organization runs: a bucket is counted once for each Region.
  test('a bucket is judged once, in its own Region', () => {
    const judged = findings.filter(({ resource_arn }) => resource_arn === made.buckets.copies)
    expect(new Set(judged.map(({ region }) => region))).toEqual(new Set(['me-south-1']))
    expect(new Set(judged.map(({ control_id }) => control_id)).size).toBe(judged.length)
  })
})

describe('a control judges what it says', () => {
  // Prowler: that a vault has a key passes for the encryption of what is in it.
  test('a vault’s key says nothing of an unencrypted point in it', () => {
    expect(said('backup-vaults-use-approved-keys', made.vault)).toBe('pass')
    expect(said('recovery-points-are-encrypted', made.clear)).toBe('fail')
  })

  // Prowler: two controls of Security Hub are mapped to no check, and one on replication to a check of something else.
  test.each([
    ['SecurityHub:Backup.1', 'recovery-points-are-encrypted'],
    ['SecurityHub:RDS.26', 'data-stores-are-in-a-backup-plan'],
  ])('%s is mapped to %s alone', (reference, id) => {
    const mapped = loadControls().filter(({ references }) => references.includes(reference))
    expect(mapped.map((control) => control.id)).toEqual([id])
  })
})
