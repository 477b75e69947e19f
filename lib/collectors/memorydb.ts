import {
  type Cluster,
  DescribeClustersCommand,
  DescribeSnapshotsCommand,
  MemoryDBClient,
  type Snapshot,
} from '@aws-sdk/client-memorydb'
import type { Cell } from '../collect/cell.ts'
import { defineTable, int, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { keyArn } from './normalize.ts'

const tables = {
  memorydb_clusters: defineTable(
    'MemoryDB clusters of the cell, one row each; all are encrypted at rest.',
    {
      arn: string('ARN of the cluster.'),
      name: string('Name.'),
      description: string('Description.'),
      engine: string('`valkey` or `redis`.'),
      status: string('Status, such as `available`.'),
      kms_key_arn: string('ARN of its KMS key; null where the key is MemoryDB’s own.'),
      snapshot_retention_days: int('Days that automatic snapshots are kept; 0 turns them off.'),
      multi_region_cluster_name: string('Multi-Region cluster that it belongs to, if any.'),
    },
  ),
  memorydb_snapshots: defineTable(
    'Snapshots of MemoryDB clusters, one row each; all are encrypted at rest.',
    {
      arn: string('ARN of the snapshot.'),
      name: string('Name.'),
      cluster_name: string('Cluster that it was taken of, which may be gone.'),
      source: string('`automated` or `manual`.'),
      status: string('`creating`, `available`, `restoring`, `copying` or `deleting`.'),
      kms_key_arn: string('ARN of its KMS key; null where the key is MemoryDB’s own.'),
      created_at: timestamp('When the data of its first shard was taken.'),
      cluster_retention_days: int('Days for which its cluster kept automatic snapshots then.'),
    },
  ),
}

type MemoryDbCell = Cell<typeof tables>

export default defineCollector({
  service: 'memorydb',
  scope: 'cell',
  actions: ['memorydb:DescribeClusters', 'memorydb:DescribeSnapshots'],
  tables,
  async collect(cell) {
    await Promise.all([readClusters(cell), readSnapshots(cell)])
  },
})

/** AWS documents no bounds of a page's size, so none is asked for. */
async function readClusters(cell: MemoryDbCell): Promise<void> {
  await cell.read('memorydb_clusters', async () => {
    for await (const page of cell.pages(MemoryDBClient, DescribeClustersCommand, {})) {
      for (const cluster of page.Clusters ?? []) await putCluster(cell, cluster)
    }
  })
}

async function putCluster(cell: MemoryDbCell, cluster: Cluster): Promise<void> {
  await cell.put('memorydb_clusters', {
    arn: cluster.ARN,
    name: cluster.Name,
    description: cluster.Description,
    engine: cluster.Engine,
    status: cluster.Status,
    kms_key_arn: keyArn(cluster.KmsKeyId, cell),
    snapshot_retention_days: cluster.SnapshotRetentionLimit,
    multi_region_cluster_name: cluster.MultiRegionClusterName,
  })
}

/** Only the details have a time: that of each shard. */
async function readSnapshots(cell: MemoryDbCell): Promise<void> {
  await cell.read('memorydb_snapshots', async () => {
    const input = { ShowDetail: true }
    for await (const page of cell.pages(MemoryDBClient, DescribeSnapshotsCommand, input)) {
      for (const snapshot of page.Snapshots ?? []) await putSnapshot(cell, snapshot)
    }
  })
}

async function putSnapshot(cell: MemoryDbCell, snapshot: Snapshot): Promise<void> {
  const { ClusterConfiguration: cluster } = snapshot
  await cell.put('memorydb_snapshots', {
    arn: snapshot.ARN,
    name: snapshot.Name,
    cluster_name: cluster?.Name,
    source: snapshot.Source,
    status: snapshot.Status,
    kms_key_arn: keyArn(snapshot.KmsKeyId, cell),
    created_at: firstTaken(snapshot),
    cluster_retention_days: cluster?.SnapshotRetentionLimit,
  })
}

function firstTaken({ ClusterConfiguration: cluster }: Snapshot): Date | undefined {
  const shards = cluster?.Shards ?? []
  const times = shards.flatMap(({ SnapshotCreationTime }) => SnapshotCreationTime ?? [])
  return times.toSorted((a, b) => a.getTime() - b.getTime())[0]
}
