import {
  ListNamespacesCommand,
  ListSnapshotsCommand,
  type Namespace,
  RedshiftServerlessClient,
  type Snapshot,
} from '@aws-sdk/client-redshift-serverless'
import type { Cell } from '../collect/cell.ts'
import { boolean, defineTable, int, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { isMadeByAwsBackup, keyColumns, keyDescriptions, snapshotShares } from './redshift.ts'

const tables = {
  redshift_serverless_namespaces: defineTable(
    'Redshift Serverless namespaces of the cell, one row each.',
    {
      arn: string('ARN of the namespace.'),
      name: string('Name.'),
      status: string('`AVAILABLE`, `MODIFYING` or `DELETING`.'),
      ...keyDescriptions,
      created_at: timestamp('When it was created.'),
    },
  ),
  redshift_serverless_snapshots: defineTable(
    'Snapshots of Redshift Serverless namespaces, one row each; recovery points of the service’s own have none.',
    {
      arn: string('ARN of the snapshot.'),
      name: string('Name.'),
      namespace_arn: string('ARN of the namespace that it was taken of, which may be gone.'),
      namespace_name: string('Name of that namespace.'),
      made_by_aws_backup: boolean('Whether AWS Backup made it, so that it is a recovery point.'),
      status: string('`AVAILABLE`, `CREATING`, `DELETED`, `CANCELLED`, `FAILED` or `COPYING`.'),
      ...keyDescriptions,
      created_at: timestamp('When it was begun.'),
      retention_days: int('Days that it is kept; -1 is for ever.'),
      owner_account_id: string('Account that owns it.'),
    },
  ),
  redshift_snapshot_shares: snapshotShares,
}

type ServerlessCell = Cell<typeof tables>

const PAGE = { maxResults: 100 }
const TOKEN = { request: 'nextToken', response: 'nextToken' }

export default defineCollector({
  service: 'redshift-serverless',
  scope: 'cell',
  actions: ['redshift-serverless:ListNamespaces', 'redshift-serverless:ListSnapshots'],
  tables,
  async collect(cell) {
    await Promise.all([readNamespaces(cell), readSnapshots(cell)])
  },
})

async function readNamespaces(cell: ServerlessCell): Promise<void> {
  await cell.read('redshift_serverless_namespaces', async () => {
    const command = ListNamespacesCommand
    for await (const page of cell.pages(RedshiftServerlessClient, command, PAGE, TOKEN)) {
      for (const namespace of page.namespaces ?? []) await putNamespace(cell, namespace)
    }
  })
}

async function putNamespace(cell: ServerlessCell, namespace: Namespace): Promise<void> {
  await cell.put('redshift_serverless_namespaces', {
    arn: namespace.namespaceArn,
    name: namespace.namespaceName,
    status: namespace.status,
    ...keyColumns(namespace.kmsKeyId, cell),
    created_at: namespace.creationDate,
  })
}

async function readSnapshots(cell: ServerlessCell): Promise<void> {
  await cell.read(['redshift_serverless_snapshots', 'redshift_snapshot_shares'], async () => {
    const command = ListSnapshotsCommand
    for await (const page of cell.pages(RedshiftServerlessClient, command, PAGE, TOKEN)) {
      for (const snapshot of page.snapshots ?? []) await putSnapshot(cell, snapshot)
    }
  })
}

async function putSnapshot(cell: ServerlessCell, snapshot: Snapshot): Promise<void> {
  await cell.put('redshift_serverless_snapshots', {
    arn: snapshot.snapshotArn,
    name: snapshot.snapshotName,
    namespace_arn: snapshot.namespaceArn,
    namespace_name: snapshot.namespaceName,
    made_by_aws_backup: isMadeByAwsBackup(snapshot.snapshotName),
    status: snapshot.status,
    ...keyColumns(snapshot.kmsKeyId, cell),
    created_at: snapshot.snapshotCreateTime,
    retention_days: snapshot.snapshotRetentionPeriod,
    owner_account_id: snapshot.ownerAccount,
  })
  const into = [snapshot.accountsWithRestoreAccess, snapshot.accountsWithProvisionedRestoreAccess]
  for (const account of new Set(into.flatMap((accounts) => accounts ?? []))) {
    await cell.put('redshift_snapshot_shares', {
      snapshot_arn: snapshot.snapshotArn,
      shared_with_account_id: account,
    })
  }
}
