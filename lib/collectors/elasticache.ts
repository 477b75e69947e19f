import {
  type CacheCluster,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  DescribeServerlessCacheSnapshotsCommand,
  DescribeServerlessCachesCommand,
  DescribeSnapshotsCommand,
  ElastiCacheClient,
  type ReplicationGroup,
  type ServerlessCache,
  type ServerlessCacheSnapshot,
  type Snapshot,
} from '@aws-sdk/client-elasticache'
import type { Cell } from '../collect/cell.ts'
import { boolean, defineTable, int, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { isEncrypted, keyArn } from './normalize.ts'

const tables = {
  elasticache_replication_groups: defineTable(
    'ElastiCache replication groups (Valkey, Redis OSS) of the cell, one row each.',
    {
      arn: string('ARN of the replication group.'),
      identifier: string('Identifier.'),
      description: string('Description.'),
      engine: string('`valkey` or `redis`.'),
      status: string('Status, such as `available`.'),
      at_rest_encryption: boolean(
        'Whether it is encrypted at rest, its backups included: by the type where one is answered, else by the flag.',
      ),
      storage_encryption_type: string('`none`, `sse-elasticache` or `sse-kms`.'),
      kms_key_arn: string('ARN of its KMS key; null where the key is ElastiCache’s own.'),
      snapshot_retention_days: int('Days that automatic snapshots are kept; 0 turns them off.'),
      created_at: timestamp('When it was created.'),
    },
  ),
  elasticache_clusters: defineTable(
    'ElastiCache clusters of the cell, one row each: members of replication groups, and those in none.',
    {
      arn: string('ARN of the cluster.'),
      identifier: string('Identifier.'),
      replication_group_id: string('Replication group that it is a member of, if any.'),
      engine: string('`valkey`, `redis` or `memcached`.'),
      status: string('Status, such as `available`.'),
      at_rest_encryption: boolean('Whether its flag for encryption at rest is set.'),
      snapshot_retention_days: int('Days that automatic snapshots are kept; 0 turns them off.'),
      created_at: timestamp('When it was created.'),
    },
  ),
  elasticache_snapshots: defineTable(
    'Snapshots of ElastiCache clusters and replication groups, one row each.',
    {
      arn: string('ARN of the snapshot.'),
      name: string('Name.'),
      source: string('`automated` or `manual`.'),
      status: string('`creating`, `available`, `restoring`, `copying` or `deleting`.'),
      engine: string('`valkey` or `redis`.'),
      replication_group_id: string('Replication group that it was taken of, where one is named.'),
      cache_cluster_id: string('Cluster that it was taken of; may be a member of such a group.'),
      source_arn: string('ARN of that group, else of that cluster; either may be gone.'),
      kms_key_arn: string('ARN of its own KMS key; null where it has none.'),
      created_at: timestamp('When the data of its first shard was taken.'),
      retention_days: int('Days that it is kept if it is automated.'),
    },
  ),
  elasticache_serverless_caches: defineTable(
    'ElastiCache serverless caches of the cell, one row each; all are encrypted at rest.',
    {
      arn: string('ARN of the cache.'),
      name: string('Name.'),
      description: string('Description.'),
      engine: string('`valkey`, `redis` or `memcached`.'),
      status: string('Status, such as `available`.'),
      storage_encryption_type: string('`sse-elasticache` or `sse-kms`.'),
      kms_key_arn: string('ARN of its KMS key; null where the key is ElastiCache’s own.'),
      snapshots_kept: int('Number of automatic snapshots, one a day, that are kept.'),
      created_at: timestamp('When it was created.'),
    },
  ),
  elasticache_serverless_snapshots: defineTable(
    'Snapshots of ElastiCache serverless caches, one row each; all are encrypted at rest.',
    {
      arn: string('ARN of the snapshot.'),
      name: string('Name.'),
      cache_name: string('Cache that it was taken of, which may be gone.'),
      snapshot_type: string('How it was made, such as `manual`.'),
      status: string('Status, such as `available`.'),
      kms_key_arn: string('ARN of its KMS key; null where the key is ElastiCache’s own.'),
      created_at: timestamp('When its data was taken.'),
      expires_at: timestamp('When it will expire, if ever.'),
    },
  ),
}

type ElastiCacheCell = Cell<typeof tables>

/** The standard size of each list's pages is its greatest, so no size is asked for. */
const MARKER = { request: 'Marker', response: 'Marker' }

export default defineCollector({
  service: 'elasticache',
  scope: 'cell',
  actions: [
    'elasticache:DescribeCacheClusters',
    'elasticache:DescribeReplicationGroups',
    'elasticache:DescribeServerlessCaches',
    'elasticache:DescribeServerlessCacheSnapshots',
    'elasticache:DescribeSnapshots',
  ],
  tables,
  async collect(cell) {
    await Promise.all([
      readGroups(cell),
      readClusters(cell),
      readSnapshots(cell),
      readServerlessCaches(cell),
      readServerlessSnapshots(cell),
    ])
  },
})

async function readGroups(cell: ElastiCacheCell): Promise<void> {
  await cell.read('elasticache_replication_groups', async () => {
    const command = DescribeReplicationGroupsCommand
    for await (const page of cell.pages(ElastiCacheClient, command, {}, MARKER)) {
      for (const group of page.ReplicationGroups ?? []) await putGroup(cell, group)
    }
  })
}

/** The flag may be false on a group that is encrypted: the type, where one is answered, decides. */
async function putGroup(cell: ElastiCacheCell, group: ReplicationGroup): Promise<void> {
  const { AtRestEncryptionEnabled: flag, StorageEncryptionType: type } = group
  await cell.put('elasticache_replication_groups', {
    arn: group.ARN,
    identifier: group.ReplicationGroupId,
    description: group.Description,
    engine: group.Engine,
    status: group.Status,
    at_rest_encryption: isEncrypted(flag, type),
    storage_encryption_type: type,
    kms_key_arn: keyArn(group.KmsKeyId, cell),
    snapshot_retention_days: group.SnapshotRetentionLimit,
    created_at: group.ReplicationGroupCreateTime,
  })
}

async function readClusters(cell: ElastiCacheCell): Promise<void> {
  await cell.read('elasticache_clusters', async () => {
    const command = DescribeCacheClustersCommand
    for await (const page of cell.pages(ElastiCacheClient, command, {}, MARKER)) {
      for (const cluster of page.CacheClusters ?? []) await putCluster(cell, cluster)
    }
  })
}

async function putCluster(cell: ElastiCacheCell, cluster: CacheCluster): Promise<void> {
  await cell.put('elasticache_clusters', {
    arn: cluster.ARN,
    identifier: cluster.CacheClusterId,
    replication_group_id: cluster.ReplicationGroupId,
    engine: cluster.Engine,
    status: cluster.CacheClusterStatus,
    at_rest_encryption: cluster.AtRestEncryptionEnabled,
    snapshot_retention_days: cluster.SnapshotRetentionLimit,
    created_at: cluster.CacheClusterCreateTime,
  })
}

async function readSnapshots(cell: ElastiCacheCell): Promise<void> {
  await cell.read('elasticache_snapshots', async () => {
    const command = DescribeSnapshotsCommand
    for await (const page of cell.pages(ElastiCacheClient, command, {}, MARKER)) {
      for (const snapshot of page.Snapshots ?? []) await putSnapshot(cell, snapshot)
    }
  })
}

async function putSnapshot(cell: ElastiCacheCell, snapshot: Snapshot): Promise<void> {
  await cell.put('elasticache_snapshots', {
    arn: snapshot.ARN,
    name: snapshot.SnapshotName,
    source: snapshot.SnapshotSource,
    status: snapshot.SnapshotStatus,
    engine: snapshot.Engine,
    replication_group_id: snapshot.ReplicationGroupId,
    cache_cluster_id: snapshot.CacheClusterId,
    source_arn: sourceArn(cell, snapshot),
    kms_key_arn: keyArn(snapshot.KmsKeyId, cell),
    created_at: firstTaken(snapshot),
    retention_days: snapshot.SnapshotRetentionLimit,
  })
}

function sourceArn(cell: ElastiCacheCell, snapshot: Snapshot): string | undefined {
  const { ReplicationGroupId: group, CacheClusterId: cluster } = snapshot
  const own = `arn:${cell.partition}:elasticache:${cell.region}:${cell.accountId}`
  if (group) return `${own}:replicationgroup:${group}`
  return cluster && `${own}:cluster:${cluster}`
}

/** A snapshot has no time of its own; its shards have. */
function firstTaken({ NodeSnapshots: shards = [] }: Snapshot): Date | undefined {
  const times = shards.flatMap(({ SnapshotCreateTime }) => SnapshotCreateTime ?? [])
  return times.toSorted((a, b) => a.getTime() - b.getTime())[0]
}

async function readServerlessCaches(cell: ElastiCacheCell): Promise<void> {
  await cell.read('elasticache_serverless_caches', async () => {
    for await (const page of cell.pages(ElastiCacheClient, DescribeServerlessCachesCommand, {})) {
      for (const cache of page.ServerlessCaches ?? []) await putServerlessCache(cell, cache)
    }
  })
}

async function putServerlessCache(cell: ElastiCacheCell, cache: ServerlessCache): Promise<void> {
  await cell.put('elasticache_serverless_caches', {
    arn: cache.ARN,
    name: cache.ServerlessCacheName,
    description: cache.Description,
    engine: cache.Engine,
    status: cache.Status,
    storage_encryption_type: cache.StorageEncryptionType,
    kms_key_arn: keyArn(cache.KmsKeyId, cell),
    snapshots_kept: cache.SnapshotRetentionLimit,
    created_at: cache.CreateTime,
  })
}

async function readServerlessSnapshots(cell: ElastiCacheCell): Promise<void> {
  await cell.read('elasticache_serverless_snapshots', async () => {
    const command = DescribeServerlessCacheSnapshotsCommand
    for await (const page of cell.pages(ElastiCacheClient, command, {})) {
      for (const one of page.ServerlessCacheSnapshots ?? []) await putServerlessSnapshot(cell, one)
    }
  })
}

async function putServerlessSnapshot(
  cell: ElastiCacheCell,
  snapshot: ServerlessCacheSnapshot,
): Promise<void> {
  await cell.put('elasticache_serverless_snapshots', {
    arn: snapshot.ARN,
    name: snapshot.ServerlessCacheSnapshotName,
    cache_name: snapshot.ServerlessCacheConfiguration?.ServerlessCacheName,
    snapshot_type: snapshot.SnapshotType,
    status: snapshot.Status,
    kms_key_arn: keyArn(snapshot.KmsKeyId, cell),
    created_at: snapshot.CreateTime,
    expires_at: snapshot.ExpiryTime,
  })
}
