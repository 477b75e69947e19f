import {
  type ContinuousBackupsDescription,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetResourcePolicyCommand,
  ListTablesCommand,
  type ReplicaDescription,
  type TableDescription,
} from '@aws-sdk/client-dynamodb'
import type { Cell, Item } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { bigint, boolean, defineTable, int, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { keyArn, parseArn } from './normalize.ts'

const tables = {
  dynamodb_tables: defineTable(
    'DynamoDB tables, one row each; a replica of a global table is a table of its own Region.',
    {
      arn: string('ARN of the table.'),
      name: string('Name of the table.'),
      table_id: string('Id, which a table of the same name made later does not have.'),
      status: string(
        '`CREATING`, `UPDATING`, `DELETING`, `ACTIVE`, `INACCESSIBLE_ENCRYPTION_CREDENTIALS`, `ARCHIVING` or `ARCHIVED`.',
      ),
      created_at: timestamp('When it was created.'),
      size_bytes: bigint('Size of its items; DynamoDB updates it about every six hours.'),
      deletion_protection: boolean('Whether deletion protection is on.'),
      global_table_version: string('Version of global tables in use, for a replica.'),
      sse_status: string(
        'State of the encryption by KMS: `ENABLED` or `UPDATING`; none where AWS owns the key.',
      ),
      sse_type: string('`KMS`; none where AWS owns the key.'),
      kms_key_arn: string(
        'KMS key, whether of the customer or `aws/dynamodb`; none where AWS owns the key.',
      ),
      inaccessible_since: timestamp(
        'When DynamoDB found that it could not use the key; none while it can.',
      ),
      point_in_time_recovery: boolean('Whether point-in-time recovery is on.'),
      recovery_period_days: int('Days back that it can be restored to.'),
      earliest_restorable_at: timestamp('First moment that it can be restored to.'),
      latest_restorable_at: timestamp('Last moment that it can be restored to.'),
      restored_from_backup_arn: string('Backup that it was restored from, if any.'),
    },
  ),
  dynamodb_table_policies: defineTable(
    'Resource policies of DynamoDB tables; a table without one has no row.',
    {
      table_arn: string('ARN of the table.'),
      policy: string('The policy document as stored.'),
    },
  ),
  dynamodb_replicas: defineTable(
    'Replicas as a global table of this Region names them, one row each.',
    {
      table_arn: string('ARN of the table that names the replica.'),
      replica_region: string('Region of the replica.'),
      replica_arn: string('ARN of the replica; it may be of another account.'),
      status: string('`ACTIVE`, `CREATING`, `INACCESSIBLE_ENCRYPTION_CREDENTIALS` …'),
      kms_key_arn: string('KMS key of the replica; none where AWS owns the key.'),
      inaccessible_since: timestamp('When the replica became inaccessible; none while it is not.'),
    },
  ),
}

type DynamodbCell = Cell<typeof tables>

interface ListedTable extends Item {
  name: string
}

const PAGE = { Limit: 100 }
const TABLE_NAME = { request: 'ExclusiveStartTableName', response: 'LastEvaluatedTableName' }

/** What is read of tables. */
const FACTS = ['dynamodb_tables', 'dynamodb_replicas', 'dynamodb_table_policies'] as const

/** The list has names only: what else there is of a table takes three calls of its own. */
export default defineCollector({
  service: 'dynamodb',
  scope: 'cell',
  actions: [
    'dynamodb:DescribeContinuousBackups',
    'dynamodb:DescribeTable',
    'dynamodb:GetResourcePolicy',
    'dynamodb:ListTables',
  ],
  tables,
  async collect(cell) {
    const listed: ListedTable[] = []
    await cell.read([...FACTS], async () => {
      for await (const page of cell.pages(DynamoDBClient, ListTablesCommand, PAGE, TABLE_NAME)) {
        for (const name of page.TableNames ?? []) listed.push({ name, arn: tableArn(cell, name) })
      }
    })
    // What was listed before a page failed is read all the same.
    await cell.perItem([...FACTS], listed, (table) => readTable(cell, table))
  },
})

function tableArn({ partition, region, accountId }: DynamodbCell, name: string): string {
  return `arn:${partition}:dynamodb:${region}:${accountId}:table/${name}`
}

/** A table that was deleted since it was listed has no row. */
async function readTable(cell: DynamodbCell, { name, arn }: ListedTable): Promise<void> {
  const answer = await absentIf(['ResourceNotFoundException'], () =>
    cell.call(DynamoDBClient, new DescribeTableCommand({ TableName: name })),
  )
  if (!answer) return
  const table = told(answer, 'Table')
  const policy = cell.read('dynamodb_table_policies', () => readPolicy(cell, arn), { arn })
  const backups = await readContinuousBackups(cell, { name, arn })
  await policy
  await putTable(cell, table, backups)
  for (const replica of table.Replicas ?? []) await putReplica(cell, arn, replica)
}

async function readPolicy(cell: DynamodbCell, arn: string): Promise<void> {
  const command = new GetResourcePolicyCommand({ ResourceArn: arn })
  const answer = await absentIf(['PolicyNotFoundException', 'ResourceNotFoundException'], () =>
    cell.call(DynamoDBClient, command),
  )
  if (!answer) return
  await cell.put('dynamodb_table_policies', { table_arn: arn, policy: told(answer, 'Policy') })
}

/**
 * What cannot be read of the continuous backups is a gap, and stays unknown of a table whose other columns are known. DynamoDB
 * does not find some that are being made or deleted.
 */
async function readContinuousBackups(
  cell: DynamodbCell,
  { name, arn }: ListedTable,
): Promise<ContinuousBackupsDescription | undefined> {
  let found: ContinuousBackupsDescription | undefined
  const read = async () => {
    const command = new DescribeContinuousBackupsCommand({ TableName: name })
    const answer = await absentIf(['TableNotFoundException'], () =>
      cell.call(DynamoDBClient, command),
    )
    found = answer && told(answer, 'ContinuousBackupsDescription')
  }
  await cell.read('dynamodb_tables', read, { arn })
  return found
}

async function putTable(
  cell: DynamodbCell,
  table: TableDescription,
  backups: ContinuousBackupsDescription | undefined,
): Promise<void> {
  const encryption = table.SSEDescription
  const recovery = backups?.PointInTimeRecoveryDescription
  const status = recovery?.PointInTimeRecoveryStatus
  await cell.put('dynamodb_tables', {
    arn: table.TableArn,
    name: table.TableName,
    table_id: table.TableId,
    status: table.TableStatus,
    created_at: table.CreationDateTime,
    size_bytes: table.TableSizeBytes,
    deletion_protection: table.DeletionProtectionEnabled,
    global_table_version: table.GlobalTableVersion,
    sse_status: encryption?.Status,
    sse_type: encryption?.SSEType,
    kms_key_arn: keyArn(encryption?.KMSMasterKeyArn, cell),
    inaccessible_since: encryption?.InaccessibleEncryptionDateTime,
    point_in_time_recovery: status === undefined ? undefined : status === 'ENABLED',
    recovery_period_days: recovery?.RecoveryPeriodInDays,
    earliest_restorable_at: recovery?.EarliestRestorableDateTime,
    latest_restorable_at: recovery?.LatestRestorableDateTime,
    restored_from_backup_arn: table.RestoreSummary?.SourceBackupArn,
  })
}

/** A bare key id is one of the replica's own account and Region. */
async function putReplica(
  cell: DynamodbCell,
  table_arn: string,
  replica: ReplicaDescription,
): Promise<void> {
  const { RegionName: region } = replica
  const accountId = parseArn(replica.ReplicaArn)?.accountId ?? cell.accountId
  await cell.put('dynamodb_replicas', {
    table_arn,
    replica_region: replica.RegionName,
    replica_arn: replica.ReplicaArn,
    status: replica.ReplicaStatus,
    kms_key_arn: region && keyArn(replica.KMSMasterKeyId, { ...cell, region, accountId }),
    inaccessible_since: replica.ReplicaInaccessibleDateTime,
  })
}
