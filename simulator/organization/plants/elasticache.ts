import type { ReplicationGroup, Snapshot } from '@aws-sdk/client-elasticache'
import { elastiCacheOf } from '../../operations/elasticache.ts'
import { arnOf, type Cell, days, type Key, past, type Status, verdict } from '../cell.ts'
import { foreignKey } from '../keys.ts'
import { oddNames } from '../odd-names.ts'
import { definePlant } from '../plant.ts'

/** Replication groups, clusters and serverless caches of ElastiCache, and their snapshots. */
export default definePlant({
  controls: {
    'elasticache-snapshots-are-encrypted': ['elasticache'],
    'backup-keys-are-usable': ['elasticache'],
    'backup-keys-rotate': ['elasticache'],
  },
  plant(cell, { account, workload, density, story, random, dataKey }) {
    if (!workload) return
    const own: Cell = { ...cell, random }
    if (story && account === 'customer-data-prod' && cell.region === 'eu-west-1') plantTraps(own)
    for (let i = 1; i <= density; i++) {
      if (random.chance(0.4)) plantCache(own, `sessions-${i}`, dataKey)
      if (random.chance(0.2)) plantServerless(own, `catalog-${i}`, dataKey)
    }
  },
})

function plantCache(cell: Cell, name: string, dataKey: Key): void {
  const { random } = cell
  const kind = random.pick<Encryption>(['sse-kms', 'sse-elasticache', 'none', 'none'])
  const key = kind === 'sse-kms' ? dataKey : undefined
  plantGroup(cell, { name, kind, ...(key ? { key } : {}) })
  const encrypted = kind !== 'none'
  plantSnapshot(cell, { group: name, key, status: verdict(encrypted) })
  plantSnapshot(cell, { cluster: `${name}-001`, key, status: verdict(encrypted) })
  // A copy may be encrypted where its source is not.
  if (random.chance(0.3)) plantSnapshot(cell, { group: name, key: dataKey, status: 'pass' })
}

function plantServerless(cell: Cell, name: string, dataKey: Key): void {
  const { random } = cell
  const key = random.chance(0.5) ? dataKey : undefined
  elastiCacheOf(cell.state).serverlessCaches.push({
    ServerlessCacheName: name,
    ARN: arnOf(cell, 'elasticache', `serverlesscache:${name}`),
    Description: random.pick(oddNames),
    Engine: 'valkey',
    Status: 'available',
    StorageEncryptionType: key ? 'sse-kms' : 'sse-elasticache',
    ...(key ? { KmsKeyId: key.arn } : {}),
    SnapshotRetentionLimit: random.pick([0, 7, 35]),
    CreateTime: past(cell),
  })
  plantServerlessSnapshot(cell, { cache: name, key })
}

/**
 * What must not be judged fills the first page of each list, so that the others come on the second; then what tells nothing: a
 * source that is gone, one of the same name that is younger, and a flag that another answer overrules.
 */
function plantTraps(cell: Cell): void {
  for (let i = 0; i < 100; i++) {
    plantGroup(cell, { name: `idle-${i}`, kind: 'none', members: 1 })
    if (i % 2) continue
    plantSnapshot(cell, { group: 'old-sessions', deleting: true })
    plantServerlessSnapshot(cell, { cache: 'old-catalog', deleting: true })
  }
  plantSnapshot(cell, { group: 'old-sessions', status: 'unknown' })
  plantSnapshot(cell, { cluster: 'old-sessions-001', status: 'unknown' })
  plantSnapshot(cell, { group: 'old-sessions', key: foreignKey(cell), status: 'pass' })
  plantServerlessSnapshot(cell, { cache: 'old-catalog' })
  plantGroup(cell, { name: 'reborn', kind: 'sse-elasticache', created: days(cell, -1) })
  plantSnapshot(cell, { group: 'reborn', status: 'unknown' })
  plantSnapshot(cell, { cluster: 'reborn-001', status: 'unknown' })
  plantGroup(cell, { name: 'durable', kind: 'sse-elasticache', flag: false })
  plantSnapshot(cell, { group: 'durable', status: 'pass' })
  plantSnapshot(cell, { cluster: 'durable-001', status: 'pass' })
  plantCluster(cell, 'alone')
  plantSnapshot(cell, { cluster: 'alone', status: 'fail' })
}

type Encryption = 'none' | 'sse-elasticache' | 'sse-kms'

interface GroupOptions {
  name: string
  kind: Encryption
  key?: Key
  /** The older flag, where it does not say what the type says. */
  flag?: boolean
  created?: Date
  members?: number
}

function plantGroup(cell: Cell, options: GroupOptions): void {
  const { name, kind, key, flag = kind !== 'none', created = days(cell, -900) } = options
  const members = Array.from({ length: options.members ?? 2 }, (_, i) => `${name}-00${i + 1}`)
  const group: ReplicationGroup = {
    ReplicationGroupId: name,
    ARN: arnOf(cell, 'elasticache', `replicationgroup:${name}`),
    Description: cell.random.pick(oddNames),
    Engine: 'redis',
    Status: 'available',
    MemberClusters: members,
    AtRestEncryptionEnabled: flag,
    StorageEncryptionType: kind,
    ...(key ? { KmsKeyId: key.arn } : {}),
    SnapshotRetentionLimit: cell.random.pick([0, 7, 35]),
    ReplicationGroupCreateTime: created,
  }
  elastiCacheOf(cell.state).groups.push(group)
  for (const member of members) plantCluster(cell, member, group)
}

/** A cluster, as a member of a group or, unencrypted then, alone. */
function plantCluster(cell: Cell, name: string, group?: ReplicationGroup): void {
  elastiCacheOf(cell.state).clusters.push({
    CacheClusterId: name,
    ARN: arnOf(cell, 'elasticache', `cluster:${name}`),
    ...(group?.ReplicationGroupId ? { ReplicationGroupId: group.ReplicationGroupId } : {}),
    Engine: 'redis',
    CacheClusterStatus: 'available',
    AtRestEncryptionEnabled: group?.AtRestEncryptionEnabled ?? false,
    CacheClusterCreateTime: group?.ReplicationGroupCreateTime ?? days(cell, -900),
  })
}

interface SnapshotOptions {
  group?: string
  cluster?: string
  key?: Key | undefined
  /** What can be said of it. */
  status?: Status
  /** On its way out: not judged. */
  deleting?: boolean
}

function plantSnapshot(cell: Cell, options: SnapshotOptions): void {
  const { group, cluster, key, status = 'fail', deleting = false } = options
  const name = `${cell.random.chance(0.5) ? 'automatic.' : ''}${group ?? cluster}-${cell.random.hex(8)}`
  const arn = arnOf(cell, 'elasticache', `snapshot:${name}`)
  const taken = new Date(days(cell, -2).getTime() - cell.random.int(0, 31_000_000) * 1000)
  const snapshot: Snapshot = {
    SnapshotName: name,
    ARN: arn,
    ...(group ? { ReplicationGroupId: group } : { CacheClusterId: cluster }),
    SnapshotSource: name.startsWith('automatic.') ? 'automated' : 'manual',
    SnapshotStatus: deleting ? 'deleting' : 'available',
    Engine: 'redis',
    ...(key ? { KmsKeyId: key.arn } : {}),
    NodeSnapshots: [{ NodeGroupId: '0001', SnapshotCreateTime: taken }],
  }
  elastiCacheOf(cell.state).snapshots.push(snapshot)
  if (deleting) return
  const control = 'elasticache-snapshots-are-encrypted'
  cell.ledger.expect(cell, 'elasticache', control, status, [arn, 'AwsElastiCacheSnapshot'])
  if (key) cell.ledger.hang(cell, 'elasticache', key)
}

function plantServerlessSnapshot(
  cell: Cell,
  { cache, key, deleting = false }: { cache: string; key?: Key | undefined; deleting?: boolean },
): void {
  const name = `${cache}-${cell.random.hex(8)}`
  const arn = arnOf(cell, 'elasticache', `serverlesscachesnapshot:${name}`)
  elastiCacheOf(cell.state).serverlessSnapshots.push({
    ServerlessCacheSnapshotName: name,
    ARN: arn,
    Status: deleting ? 'deleting' : 'available',
    ...(key ? { KmsKeyId: key.arn } : {}),
    CreateTime: past(cell),
    ServerlessCacheConfiguration: { ServerlessCacheName: cache, Engine: 'valkey' },
  })
  if (deleting) return
  const resource = [arn, 'AwsElastiCacheServerlessCacheSnapshot'] as const
  const control = 'elasticache-snapshots-are-encrypted'
  cell.ledger.expect(cell, 'elasticache', control, 'pass', resource)
  if (key) cell.ledger.hang(cell, 'elasticache', key)
}
