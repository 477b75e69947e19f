import {
  type BackupSummary,
  DescribeBackupCommand,
  DynamoDBClient,
  ListBackupsCommand,
} from '@aws-sdk/client-dynamodb'
import type { Cell, Item } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { bigint, boolean, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { keyArn } from './normalize.ts'

const tables = {
  dynamodb_backups: defineTable(
    'On-demand backups of DynamoDB tables, those of deleted tables included, one row each.',
    {
      arn: string('ARN of the backup.'),
      name: string('Name of the backup.'),
      table_arn: string('ARN of the table.'),
      table_id: string('Id of the table.'),
      table_name: string('Name of the table.'),
      backup_type: string('`USER`, `SYSTEM` (of a deleted table, for 35 days) or `AWS_BACKUP`.'),
      made_by_aws_backup: boolean(
        'Whether AWS Backup made it: it is then judged as a recovery point.',
      ),
      status: string('`CREATING`, `AVAILABLE` or `DELETED`.'),
      created_at: timestamp('When it was created.'),
      expires_at: timestamp('When DynamoDB deletes it, where that is set.'),
      size_bytes: bigint('Size.'),
    },
  ),
  dynamodb_backup_keys: defineTable(
    'Encryption of the backups that DynamoDB made, one row each; it is no part of their list.',
    {
      backup_arn: string('ARN of the backup.'),
      table_arn: string('ARN of the table.'),
      sse_status: string('State of the encryption by KMS; none where AWS owns the key.'),
      sse_type: string('`KMS`; none where AWS owns the key.'),
      kms_key_arn: string('KMS key it is encrypted with; none where AWS owns the key.'),
    },
  ),
}

type BackupsCell = Cell<typeof tables>

/** Without a type only the backups that users made are listed. */
const PAGE = { Limit: 100, BackupType: 'ALL' as const }
const BACKUP_ARN = { request: 'ExclusiveStartBackupArn', response: 'LastEvaluatedBackupArn' }

/** Apart from the tables, so that neither spends the other's budget of calls per item. */
export default defineCollector({
  service: 'dynamodb',
  scope: 'cell',
  actions: ['dynamodb:DescribeBackup', 'dynamodb:ListBackups'],
  tables,
  async collect(cell) {
    const own: Item[] = []
    await cell.read(['dynamodb_backups', 'dynamodb_backup_keys'], async () => {
      for await (const page of cell.pages(DynamoDBClient, ListBackupsCommand, PAGE, BACKUP_ARN)) {
        for (const backup of page.BackupSummaries ?? []) {
          await putBackup(cell, backup)
          if (backup.BackupType !== 'AWS_BACKUP' && backup.BackupArn) {
            own.push({ arn: backup.BackupArn })
          }
        }
      }
    })
    await cell.perItem('dynamodb_backup_keys', own, ({ arn }) => readKey(cell, arn))
  },
})

async function putBackup(cell: BackupsCell, backup: BackupSummary): Promise<void> {
  await cell.put('dynamodb_backups', {
    arn: backup.BackupArn,
    name: backup.BackupName,
    table_arn: backup.TableArn,
    table_id: backup.TableId,
    table_name: backup.TableName,
    backup_type: backup.BackupType,
    made_by_aws_backup: backup.BackupType === 'AWS_BACKUP',
    status: backup.BackupStatus,
    created_at: backup.BackupCreationDateTime,
    expires_at: backup.BackupExpiryDateTime,
    size_bytes: backup.BackupSizeBytes,
  })
}

/** A backup that was deleted since it was listed has no row. */
async function readKey(cell: BackupsCell, arn: string): Promise<void> {
  const answer = await absentIf(['BackupNotFoundException'], () =>
    cell.call(DynamoDBClient, new DescribeBackupCommand({ BackupArn: arn })),
  )
  if (!answer) return
  const backup = told(answer, 'BackupDescription')
  const encryption = backup.SourceTableFeatureDetails?.SSEDescription
  await cell.put('dynamodb_backup_keys', {
    backup_arn: arn,
    table_arn: backup.SourceTableDetails?.TableArn,
    sse_status: encryption?.Status,
    sse_type: encryption?.SSEType,
    kms_key_arn: keyArn(encryption?.KMSMasterKeyArn, cell),
  })
}
