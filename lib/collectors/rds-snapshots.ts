import {
  type DBClusterSnapshot,
  type DBClusterSnapshotAttribute,
  type DBSnapshot,
  type DBSnapshotAttribute,
  DescribeDBClusterSnapshotAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBSnapshotAttributesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import type { Cell } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { boolean, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { tagsJson } from './normalize.ts'
import { encryptionColumns } from './rds.ts'

const tables = {
  rds_snapshots: defineTable('DB snapshots and DB cluster snapshots, one row each.', {
    arn: string('ARN of the snapshot.'),
    identifier: string('Identifier of the snapshot.'),
    kind: string('`instance` or `cluster`.'),
    source_identifier: string('Instance or cluster it was made of.'),
    engine: string('Engine.'),
    snapshot_type: string('`manual`, `automated` or `awsbackup`.'),
    made_by_aws_backup: boolean(
      'Whether AWS Backup made it: it is then judged as a recovery point.',
    ),
    status: string('Status.'),
    created_at: timestamp('When it was created.'),
    encrypted: boolean('Whether it is encrypted, by any kind of key.'),
    storage_encryption_type: string('`none`, `sse-kms` or `sse-rds`; none on older answers.'),
    kms_key_arn: string('KMS key it is encrypted with.'),
    tags: string('Tags as a JSON object.'),
  }),
  rds_snapshot_shares: defineTable(
    'Who else may restore or copy manual DB and cluster snapshots, one row per snapshot and account.',
    {
      snapshot_arn: string('ARN of the snapshot.'),
      kind: string('`instance` or `cluster`.'),
      shared_with_account_id: string('Account that it is shared with; `all`: everybody.'),
    },
  ),
}

type SnapshotCell = Cell<typeof tables>

const PAGE = { MaxRecords: 100 }
const MARKER = { request: 'Marker', response: 'Marker' }

/** The RDS endpoint answers for DocumentDB and Neptune too. */
export default defineCollector({
  service: 'rds',
  scope: 'cell',
  actions: [
    'rds:DescribeDBClusterSnapshotAttributes',
    'rds:DescribeDBClusterSnapshots',
    'rds:DescribeDBSnapshotAttributes',
    'rds:DescribeDBSnapshots',
  ],
  tables,
  async collect(cell) {
    const shareable: Shareable[] = []
    await Promise.all([readSnapshots(cell, shareable), readClusterSnapshots(cell, shareable)])
    await readShares(cell, shareable)
  },
})

/** A snapshot that may be shared. */
interface Shareable {
  kind: 'instance' | 'cluster'
  arn: string
  id: string | undefined
}

/** Only manual snapshots are shared: of an automated one, or of AWS Backup's, a manual copy has to be made first. */
function noteShareable(
  shareable: Shareable[],
  { SnapshotType }: DBSnapshot | DBClusterSnapshot,
  { kind, arn, id }: { kind: Shareable['kind']; arn: string | undefined; id: string | undefined },
): void {
  if ((SnapshotType ?? 'manual') === 'manual' && arn) shareable.push({ kind, arn, id })
}

async function readShares(cell: SnapshotCell, shareable: Shareable[]): Promise<void> {
  await cell.perItem('rds_snapshot_shares', shareable, async (snapshot) => {
    for (const shared_with_account_id of await sharedWith(cell, snapshot)) {
      const { arn: snapshot_arn, kind } = snapshot
      await cell.put('rds_snapshot_shares', { snapshot_arn, kind, shared_with_account_id })
    }
  })
}

/** Nobody where the snapshot was deleted since it was listed. */
async function sharedWith(cell: SnapshotCell, { kind, id }: Shareable): Promise<string[]> {
  const gone = ['DBSnapshotNotFoundFault', 'DBClusterSnapshotNotFoundFault']
  const attributes = await absentIf(gone, () => attributesOf(cell, kind, id))
  return (attributes ?? []).flatMap((attribute) =>
    told(attribute, 'AttributeName') === 'restore' ? (attribute.AttributeValues ?? []) : [],
  )
}

/** AWS asks for the attributes of the two kinds by calls of their own, whose answers are alike. */
async function attributesOf(
  cell: SnapshotCell,
  kind: Shareable['kind'],
  id: string | undefined,
): Promise<(DBSnapshotAttribute | DBClusterSnapshotAttribute)[]> {
  if (kind === 'instance') {
    const command = new DescribeDBSnapshotAttributesCommand({
      DBSnapshotIdentifier: told({ identifier: id }, 'identifier'),
    })
    const answer = await cell.call(RDSClient, command)
    return told(answer, 'DBSnapshotAttributesResult').DBSnapshotAttributes ?? []
  }
  const command = new DescribeDBClusterSnapshotAttributesCommand({
    DBClusterSnapshotIdentifier: told({ identifier: id }, 'identifier'),
  })
  const answer = await cell.call(RDSClient, command)
  return told(answer, 'DBClusterSnapshotAttributesResult').DBClusterSnapshotAttributes ?? []
}

/** Without a type the call leaves out the snapshots that AWS Backup made, so it is asked twice; none comes in both lists. */
async function readSnapshots(cell: SnapshotCell, shareable: Shareable[]): Promise<void> {
  await cell.read(['rds_snapshots', 'rds_snapshot_shares'], async () => {
    const seen = new Set<string | undefined>()
    for (const input of [PAGE, { ...PAGE, SnapshotType: 'awsbackup' }]) {
      for await (const page of cell.pages(RDSClient, DescribeDBSnapshotsCommand, input, MARKER)) {
        for (const snapshot of page.DBSnapshots ?? []) {
          if (seen.has(snapshot.DBSnapshotArn)) continue
          seen.add(snapshot.DBSnapshotArn)
          await putSnapshot(cell, snapshot)
          noteShareable(shareable, snapshot, {
            kind: 'instance',
            arn: snapshot.DBSnapshotArn,
            id: snapshot.DBSnapshotIdentifier,
          })
        }
      }
    }
  })
}

async function putSnapshot(cell: SnapshotCell, snapshot: DBSnapshot): Promise<void> {
  await cell.put('rds_snapshots', {
    arn: snapshot.DBSnapshotArn,
    identifier: snapshot.DBSnapshotIdentifier,
    kind: 'instance',
    source_identifier: snapshot.DBInstanceIdentifier,
    ...snapshotColumns(snapshot),
    ...encryptionColumns(cell, {
      flag: snapshot.Encrypted,
      type: snapshot.StorageEncryptionType,
      key: snapshot.KmsKeyId,
    }),
  })
}

async function readClusterSnapshots(cell: SnapshotCell, shareable: Shareable[]): Promise<void> {
  await cell.read(['rds_snapshots', 'rds_snapshot_shares'], async () => {
    for await (const page of cell.pages(
      RDSClient,
      DescribeDBClusterSnapshotsCommand,
      PAGE,
      MARKER,
    )) {
      for (const snapshot of page.DBClusterSnapshots ?? []) {
        await putClusterSnapshot(cell, snapshot)
        noteShareable(shareable, snapshot, {
          kind: 'cluster',
          arn: snapshot.DBClusterSnapshotArn,
          id: snapshot.DBClusterSnapshotIdentifier,
        })
      }
    }
  })
}

async function putClusterSnapshot(cell: SnapshotCell, snapshot: DBClusterSnapshot): Promise<void> {
  await cell.put('rds_snapshots', {
    arn: snapshot.DBClusterSnapshotArn,
    identifier: snapshot.DBClusterSnapshotIdentifier,
    kind: 'cluster',
    source_identifier: snapshot.DBClusterIdentifier,
    ...snapshotColumns(snapshot),
    ...encryptionColumns(cell, {
      flag: snapshot.StorageEncrypted,
      type: snapshot.StorageEncryptionType,
      key: snapshot.KmsKeyId,
    }),
  })
}

function snapshotColumns(snapshot: DBSnapshot | DBClusterSnapshot) {
  return {
    engine: snapshot.Engine,
    snapshot_type: snapshot.SnapshotType,
    // Cluster snapshots of AWS Backup are told by their reserved name only.
    made_by_aws_backup:
      snapshot.SnapshotType === 'awsbackup' || identifierOf(snapshot).startsWith('awsbackup:'),
    status: snapshot.Status,
    created_at: snapshot.SnapshotCreateTime,
    tags: tagsJson(snapshot.TagList),
  }
}

function identifierOf(snapshot: DBSnapshot | DBClusterSnapshot): string {
  if ('DBSnapshotIdentifier' in snapshot) return snapshot.DBSnapshotIdentifier ?? ''
  return ('DBClusterSnapshotIdentifier' in snapshot && snapshot.DBClusterSnapshotIdentifier) || ''
}
