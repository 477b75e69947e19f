import {
  type DBCluster,
  type DBInstance,
  DescribeDBClusterAutomatedBackupsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import type { Cell } from '../collect/cell.ts'
import { boolean, defineTable, int, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { isEncrypted, keyArn, tagsJson } from './normalize.ts'

const tables = {
  rds_instances: defineTable('DB instances of RDS, Aurora, DocumentDB and Neptune, one row each.', {
    arn: string('ARN of the instance.'),
    identifier: string('Identifier of the instance.'),
    engine: string('Engine.'),
    status: string('Status.'),
    cluster_identifier: string(
      'Cluster it is a member of; such members are judged at their cluster.',
    ),
    replica_source: string(
      'DB instance or cluster that it is a read replica of: an identifier, or an ARN where that is in another Region.',
    ),
    encrypted: boolean(
      'Whether its storage is encrypted, by any kind of key (`storage_encryption_type` decides where present).',
    ),
    storage_encryption_type: string('`none`, `sse-kms` or `sse-rds`; none on older answers.'),
    kms_key_arn: string('KMS key of its storage.'),
    backup_retention_days: int('Days that automated backups are kept; 0: off.'),
    deletion_protection: boolean('Whether deletion protection is on.'),
    created_at: timestamp('When it was created.'),
    tags: string('Tags as a JSON object.'),
  }),
  rds_clusters: defineTable(
    'DB clusters of Aurora, DocumentDB, Neptune and Multi-AZ RDS, one row each.',
    {
      arn: string('ARN of the cluster.'),
      identifier: string('Identifier of the cluster.'),
      engine: string('Engine.'),
      status: string('Status.'),
      replica_source: string('DB cluster or instance that it is a read replica of.'),
      encrypted: boolean('Whether its storage is encrypted, by any kind of key.'),
      storage_encryption_type: string('`none`, `sse-kms` or `sse-rds`; none on older answers.'),
      kms_key_arn: string('KMS key of its storage.'),
      backup_retention_days: int('Days that automated backups are kept.'),
      deletion_protection: boolean('Whether deletion protection is on.'),
      created_at: timestamp('When it was created.'),
      tags: string('Tags as a JSON object.'),
    },
  ),
  rds_automated_backups: defineTable(
    'Automated backups of DB instances and clusters, retained ones included.',
    {
      arn: string('ARN of the automated backup.'),
      kind: string('`instance` or `cluster`.'),
      source_arn: string('ARN of the instance or cluster.'),
      source_identifier: string('Identifier of the instance or cluster.'),
      engine: string('Engine.'),
      status: string('`active`, `retained` or `creating`.'),
      retention_days: int('Days that they are kept.'),
      encrypted: boolean('Whether they are encrypted, by any kind of key.'),
      storage_encryption_type: string('`none`, `sse-kms` or `sse-rds`; none on older answers.'),
      kms_key_arn: string('KMS key they are encrypted with.'),
      aws_backup_recovery_point_arn: string(
        'Continuous recovery point of AWS Backup that this is, if any.',
      ),
    },
  ),
}

type RdsCell = Cell<typeof tables>

const PAGE = { MaxRecords: 100 }
const MARKER = { request: 'Marker', response: 'Marker' }

/** The RDS endpoint answers for DocumentDB and Neptune too. */
export default defineCollector({
  service: 'rds',
  scope: 'cell',
  actions: [
    'rds:DescribeDBClusterAutomatedBackups',
    'rds:DescribeDBClusters',
    'rds:DescribeDBInstanceAutomatedBackups',
    'rds:DescribeDBInstances',
  ],
  tables,
  async collect(cell) {
    await Promise.all([
      readInstances(cell),
      readClusters(cell),
      readInstanceBackups(cell),
      readClusterBackups(cell),
    ])
  },
})

/** How AWS says that storage is encrypted. */
export interface Encryption {
  flag: boolean | undefined
  type: string | undefined
  key: string | undefined
}

/**
 * Since Aurora encrypts with keys of its own (`sse-rds`) the boolean stays false on encrypted storage: where the storage
 * encryption type is answered, it decides.
 */
export function encryptionColumns(
  cell: { partition: string; region: string; accountId: string },
  { flag, type, key }: Encryption,
) {
  return {
    encrypted: isEncrypted(flag, type),
    storage_encryption_type: type,
    kms_key_arn: keyArn(key, cell),
  }
}

async function readInstances(cell: RdsCell): Promise<void> {
  await cell.read('rds_instances', async () => {
    for await (const page of cell.pages(RDSClient, DescribeDBInstancesCommand, PAGE, MARKER)) {
      for (const instance of page.DBInstances ?? []) {
        await cell.put('rds_instances', {
          arn: instance.DBInstanceArn,
          identifier: instance.DBInstanceIdentifier,
          status: instance.DBInstanceStatus,
          cluster_identifier: instance.DBClusterIdentifier,
          replica_source:
            instance.ReadReplicaSourceDBInstanceIdentifier ??
            instance.ReadReplicaSourceDBClusterIdentifier,
          created_at: instance.InstanceCreateTime,
          ...databaseColumns(cell, instance),
        })
      }
    }
  })
}

async function readClusters(cell: RdsCell): Promise<void> {
  await cell.read('rds_clusters', async () => {
    for await (const page of cell.pages(RDSClient, DescribeDBClustersCommand, PAGE, MARKER)) {
      for (const cluster of page.DBClusters ?? []) {
        await cell.put('rds_clusters', {
          arn: cluster.DBClusterArn,
          identifier: cluster.DBClusterIdentifier,
          status: cluster.Status,
          replica_source: cluster.ReplicationSourceIdentifier,
          created_at: cluster.ClusterCreateTime,
          ...databaseColumns(cell, cluster),
        })
      }
    }
  })
}

function databaseColumns(cell: RdsCell, database: DBInstance | DBCluster) {
  return {
    engine: database.Engine,
    backup_retention_days: database.BackupRetentionPeriod,
    deletion_protection: database.DeletionProtection,
    tags: tagsJson(database.TagList),
    ...encryptionColumns(cell, {
      flag: database.StorageEncrypted,
      type: database.StorageEncryptionType,
      key: database.KmsKeyId,
    }),
  }
}

async function readInstanceBackups(cell: RdsCell): Promise<void> {
  await cell.read('rds_automated_backups', async () => {
    const command = DescribeDBInstanceAutomatedBackupsCommand
    for await (const page of cell.pages(RDSClient, command, PAGE, MARKER)) {
      for (const backup of page.DBInstanceAutomatedBackups ?? []) {
        await cell.put('rds_automated_backups', {
          arn: backup.DBInstanceAutomatedBackupsArn,
          kind: 'instance',
          source_arn: backup.DBInstanceArn,
          source_identifier: backup.DBInstanceIdentifier,
          engine: backup.Engine,
          status: backup.Status,
          retention_days: backup.BackupRetentionPeriod,
          aws_backup_recovery_point_arn: backup.AwsBackupRecoveryPointArn,
          ...encryptionColumns(cell, {
            flag: backup.Encrypted,
            type: backup.StorageEncryptionType,
            key: backup.KmsKeyId,
          }),
        })
      }
    }
  })
}

async function readClusterBackups(cell: RdsCell): Promise<void> {
  await cell.read('rds_automated_backups', async () => {
    const command = DescribeDBClusterAutomatedBackupsCommand
    for await (const page of cell.pages(RDSClient, command, PAGE, MARKER)) {
      for (const backup of page.DBClusterAutomatedBackups ?? []) {
        await cell.put('rds_automated_backups', {
          arn: backup.DBClusterAutomatedBackupsArn,
          kind: 'cluster',
          source_arn: backup.DBClusterArn,
          source_identifier: backup.DBClusterIdentifier,
          engine: backup.Engine,
          status: backup.Status,
          retention_days: backup.BackupRetentionPeriod,
          aws_backup_recovery_point_arn: backup.AwsBackupRecoveryPointArn,
          ...encryptionColumns(cell, {
            flag: backup.StorageEncrypted,
            type: backup.StorageEncryptionType,
            key: backup.KmsKeyId,
          }),
        })
      }
    }
  })
}
