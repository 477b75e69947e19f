import {
  type Cluster,
  DescribeClusterSnapshotsCommand,
  DescribeClustersCommand,
  RedshiftClient,
  type Snapshot,
} from '@aws-sdk/client-redshift'
import type { Cell } from '../collect/cell.ts'
import { told } from '../collect/told.ts'
import { boolean, defineTable, int, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { keyArn, tagsJson } from './normalize.ts'

/** The columns that {@link keyColumns} fills. */
export const keyDescriptions = {
  kms_key_arn: string('ARN of its KMS key; null where AWS names none.'),
  aws_owned_key: boolean('Whether AWS says that a key of its own encrypts it.'),
}

/** Who may restore a snapshot; filled from the snapshots of clusters and of serverless namespaces alike. */
export const snapshotShares = defineTable(
  'Accounts that may restore a Redshift or Redshift Serverless snapshot, one row each.',
  {
    snapshot_arn: string('ARN of the snapshot.'),
    shared_with_account_id: string('Account that may restore it.'),
  },
)

const tables = {
  redshift_clusters: defineTable('Provisioned Redshift clusters of the cell, one row each.', {
    arn: string('ARN of the cluster, which AWS does not answer: it is made of its identifier.'),
    identifier: string('Identifier.'),
    namespace_arn: string('ARN of its namespace.'),
    status: string('Status, such as `available`.'),
    encrypted: boolean('Whether it is encrypted at rest.'),
    ...keyDescriptions,
    created_at: timestamp('When it was created.'),
    automated_retention_days: int('Days that automated snapshots are kept; 0 turns them off.'),
    manual_retention_days: int('Days that manual snapshots are kept by default; -1 is for ever.'),
    snapshot_copy_region: string('Region that its snapshots are copied to, if any.'),
    snapshot_copy_retention_days: int('Days that copies of automated snapshots are kept there.'),
    snapshot_copy_manual_retention_days: int(
      'Days that copies of manual snapshots are kept there; -1 is for ever.',
    ),
    multi_az: boolean('Whether it runs in two Availability Zones.'),
    tags: string('Tags as a JSON object.'),
  }),
  redshift_snapshots: defineTable(
    'Snapshots of provisioned Redshift clusters that the account owns, one row each.',
    {
      arn: string('ARN of the snapshot.'),
      identifier: string('Identifier.'),
      cluster_identifier: string('Cluster that it was taken of, which may be gone.'),
      cluster_arn: string('ARN of that cluster.'),
      snapshot_type: string('`automated` or `manual`.'),
      made_by_aws_backup: boolean('Whether AWS Backup made it, so that it is a recovery point.'),
      status: string('`creating`, `available`, `final snapshot`, `failed` …'),
      encrypted: boolean('Whether it is encrypted at rest.'),
      ...keyDescriptions,
      encrypted_with_hsm: boolean('Whether keys of a hardware security module encrypt it.'),
      created_at: timestamp('When it was begun.'),
      manual_retention_days: int('Days that a manual snapshot is kept; -1 is for ever.'),
      source_region: string('Region that it was copied from, if it is a copy.'),
      owner_account_id: string('Account that made or copied it.'),
      tags: string('Tags as a JSON object.'),
    },
  ),
  redshift_snapshot_shares: snapshotShares,
}

type RedshiftCell = Cell<typeof tables>

/** 100 records are a page's greatest size and its standard one, so no size is asked for. */
const MARKER = { request: 'Marker', response: 'Marker' }

export default defineCollector({
  service: 'redshift',
  scope: 'cell',
  actions: ['redshift:DescribeClusterSnapshots', 'redshift:DescribeClusters'],
  tables,
  async collect(cell) {
    await Promise.all([readClusters(cell), readSnapshots(cell)])
  },
})

/** Where the key is one that AWS owns, Redshift answers this word in the place of an id. */
const AWS_OWNED = 'AWS_OWNED_KMS_KEY'

/** The columns that say which key encrypts a cluster, namespace or snapshot. */
export function keyColumns(key: string | undefined, cell: Parameters<typeof keyArn>[1]) {
  if (key === undefined) return {}
  const owned = key === AWS_OWNED
  return { kms_key_arn: owned ? undefined : keyArn(key, cell), aws_owned_key: owned }
}

/** AWS Backup calls its recovery points `awsbackup:job-…`, a name that nobody else can give: it has a colon. */
export function isMadeByAwsBackup(name: string | undefined): boolean {
  return name?.startsWith('awsbackup:') ?? false
}

function clusterArn({ partition, region, accountId }: RedshiftCell, identifier: string): string {
  return `arn:${partition}:redshift:${region}:${accountId}:cluster:${identifier}`
}

async function readClusters(cell: RedshiftCell): Promise<void> {
  await cell.read('redshift_clusters', async () => {
    for await (const page of cell.pages(RedshiftClient, DescribeClustersCommand, {}, MARKER)) {
      for (const cluster of page.Clusters ?? []) await putCluster(cell, cluster)
    }
  })
}

async function putCluster(cell: RedshiftCell, cluster: Cluster): Promise<void> {
  const { ClusterIdentifier: identifier, ClusterSnapshotCopyStatus: copy } = cluster
  await cell.put('redshift_clusters', {
    arn: identifier && clusterArn(cell, identifier),
    identifier,
    namespace_arn: cluster.ClusterNamespaceArn,
    status: cluster.ClusterStatus,
    encrypted: cluster.Encrypted,
    ...keyColumns(cluster.KmsKeyId, cell),
    created_at: cluster.ClusterCreateTime,
    automated_retention_days: cluster.AutomatedSnapshotRetentionPeriod,
    manual_retention_days: cluster.ManualSnapshotRetentionPeriod,
    snapshot_copy_region: copy?.DestinationRegion,
    snapshot_copy_retention_days: copy?.RetentionPeriod,
    snapshot_copy_manual_retention_days: copy?.ManualSnapshotRetentionPeriod,
    multi_az: isOn(cluster.MultiAZ),
    tags: tagsJson(cluster.Tags),
  })
}

/** Multi-AZ is a boolean by its description and text by its type. */
function isOn(text: string | undefined): boolean | undefined {
  const word = text?.toLowerCase()
  if (word === 'enabled' || word === 'true') return true
  return word === 'disabled' || word === 'false' ? false : undefined
}

async function readSnapshots(cell: RedshiftCell): Promise<void> {
  await cell.read(['redshift_snapshots', 'redshift_snapshot_shares'], async () => {
    const command = DescribeClusterSnapshotsCommand
    for await (const page of cell.pages(RedshiftClient, command, {}, MARKER)) {
      for (const snapshot of page.Snapshots ?? []) await putSnapshot(cell, snapshot)
    }
  })
}

async function putSnapshot(cell: RedshiftCell, snapshot: Snapshot): Promise<void> {
  const { ClusterIdentifier: cluster, SnapshotArn: arn } = snapshot
  await cell.put('redshift_snapshots', {
    arn,
    identifier: snapshot.SnapshotIdentifier,
    cluster_identifier: cluster,
    cluster_arn: cluster && clusterArn(cell, cluster),
    snapshot_type: snapshot.SnapshotType,
    made_by_aws_backup: isMadeByAwsBackup(snapshot.SnapshotIdentifier),
    status: snapshot.Status,
    encrypted: snapshot.Encrypted,
    ...keyColumns(snapshot.KmsKeyId, cell),
    encrypted_with_hsm: snapshot.EncryptedWithHSM,
    created_at: snapshot.SnapshotCreateTime,
    manual_retention_days: snapshot.ManualSnapshotRetentionPeriod,
    source_region: snapshot.SourceRegion,
    owner_account_id: snapshot.OwnerAccount,
    tags: tagsJson(snapshot.Tags),
  })
  for (const account of snapshot.AccountsWithRestoreAccess ?? []) {
    await cell.put('redshift_snapshot_shares', {
      snapshot_arn: arn,
      shared_with_account_id: told(account, 'AccountId'),
    })
  }
}
