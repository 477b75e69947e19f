import type { BackupDescription, ReplicaDescription, TableStatus } from '@aws-sdk/client-dynamodb'
import { dynamodbState } from '../../operations/dynamodb.ts'
import { arnOf, type Cell, days, type Key, past, type Status, verdict } from '../cell.ts'
import { foreignKey, goneKey, managedKey, plantKey } from '../keys.ts'
import { definePlant, type Soil } from '../plant.ts'
import { undeletable } from '../store-policies.ts'

interface TableOptions {
  name: string
  /** Without one AWS owns the key. */
  key?: Key | undefined
  pointInTimeRecovery?: boolean
  status?: TableStatus
  /** DynamoDB can no longer use the key. */
  inaccessible?: boolean
  replicas?: ReplicaDescription[]
}

/** Tables that are on their way in or out are nobody's to judge. */
const passing = new Set<TableStatus>(['CREATING', 'DELETING'])
const archived = new Set<TableStatus>(['ARCHIVING', 'ARCHIVED'])

export default definePlant({
  controls: {
    'backup-keys-are-usable': ['dynamodb'],
    'backup-keys-rotate': ['dynamodb'],
    'dynamodb-backups-use-approved-keys': ['dynamodb'],
    'dynamodb-tables-use-approved-keys': ['dynamodb'],
    'dynamodb-table-keys-are-accessible': ['dynamodb'],
    'point-in-time-recovery-is-on': ['dynamodb'],
  },
  plant(planted, soil) {
    if (!soil.workload) return
    const cell = { ...planted, random: soil.random }
    plantTables(cell, soil)
    plantBackups(cell, soil)
    if (soil.story && soil.account === 'customer-data-prod') plantGlobalTable(cell, soil)
    if (soil.story && soil.account === 'sandbox-ml') plantLostTables(cell)
    if (soil.random.chance(0.3)) plantDyingBackup(cell)
  },
})

function plantTables(cell: Cell, { random, dataKey }: Soil): void {
  plantTable(cell, { name: 'orders', key: dataKey, pointInTimeRecovery: true })
  plantTable(cell, {
    name: 'sessions',
    key: random.pick([undefined, managedKey(cell, 'dynamodb')]),
    pointInTimeRecovery: random.chance(0.4),
  })
  if (random.chance(0.25))
    plantTable(cell, {
      name: 'ledger.v2-A_1',
      key: plantKey(cell, 'disabled', 'ledger'),
      pointInTimeRecovery: true,
      inaccessible: true,
      status: 'INACCESSIBLE_ENCRYPTION_CREDENTIALS',
    })
  if (random.chance(0.2)) plantTable(cell, { name: 'tomorrow', status: 'CREATING' })
  if (random.chance(0.2)) plantTable(cell, { name: 'yesterday', status: 'DELETING' })
}

/** A global table: each replica is a table of its own Region, and judged there alone. */
function plantGlobalTable(cell: Cell, { dataKey }: Soil): void {
  const regions = ['us-east-1', 'eu-west-1']
  if (!regions.includes(cell.region)) return
  const replicas = regions
    .filter((region) => region !== cell.region)
    .map((RegionName) => ({ RegionName, ReplicaStatus: 'ACTIVE' as const }))
  const own = cell.region === 'us-east-1'
  plantTable(cell, { name: 'profiles', key: own ? dataKey : undefined, replicas })
}

/** What is left when a key is gone, and keys of people one does not know. */
function plantLostTables(cell: Cell): void {
  const key = goneKey(cell)
  plantTable(cell, { name: 'experiments', key, inaccessible: true })
  plantTable(cell, { name: 'experiments-2023', key, inaccessible: true, status: 'ARCHIVED' })
  plantTable(cell, { name: 'shared-features', key: foreignKey(cell), pointInTimeRecovery: true })
}

function plantTable(cell: Cell, options: TableOptions): void {
  const { name, key, status = 'ACTIVE', inaccessible = false, replicas = [] } = options
  const { pointInTimeRecovery = false } = options
  const arn = arnOf(cell, 'dynamodb', `table/${name}`)
  dynamodbState(cell.state).tables.push({
    table: {
      TableName: name,
      TableArn: arn,
      TableId: cell.random.uuid(),
      TableStatus: status,
      CreationDateTime: past(cell),
      TableSizeBytes: cell.random.int(0, 40_000_000_000),
      ItemCount: cell.random.int(0, 9_000_000),
      DeletionProtectionEnabled: cell.random.chance(0.3),
      ...(replicas.length > 0 ? { Replicas: replicas, GlobalTableVersion: '2019.11.21' } : {}),
      ...(key ? { SSEDescription: encryption(cell, key, inaccessible) } : {}),
    },
    ...(replicas.length > 0 ? { policy: undeletable(arn, cell.accountId) } : {}),
    ...(passing.has(status) ? {} : { continuousBackups: continuous(cell, pointInTimeRecovery) }),
  })
  if (passing.has(status)) return
  const expect = (control: string, expected: Status) =>
    cell.ledger.expect(cell, 'dynamodb', control, expected, [arn, 'AwsDynamoDbTable'])
  expect('dynamodb-tables-use-approved-keys', key?.approved ?? 'fail')
  expect('dynamodb-table-keys-are-accessible', verdict(!inaccessible))
  if (!archived.has(status)) expect('point-in-time-recovery-is-on', verdict(pointInTimeRecovery))
}

function encryption(cell: Cell, key: Key, inaccessible = false) {
  return {
    Status: 'ENABLED' as const,
    SSEType: 'KMS' as const,
    KMSMasterKeyArn: key.arn,
    ...(inaccessible ? { InaccessibleEncryptionDateTime: days(cell, -3) } : {}),
  }
}

function continuous(cell: Cell, on: boolean) {
  return {
    ContinuousBackupsStatus: 'ENABLED' as const,
    PointInTimeRecoveryDescription: on
      ? {
          PointInTimeRecoveryStatus: 'ENABLED' as const,
          RecoveryPeriodInDays: 35,
          EarliestRestorableDateTime: days(cell, -35),
          LatestRestorableDateTime: days(cell, -0.01),
        }
      : { PointInTimeRecoveryStatus: 'DISABLED' as const },
  }
}

function plantBackups(cell: Cell, { random, dataKey }: Soil): void {
  plantBackup(cell, { table: 'orders', key: dataKey })
  if (random.chance(0.4))
    plantBackup(cell, { table: 'sessions', key: managedKey(cell, 'dynamodb') })
  if (random.chance(0.4)) plantBackup(cell, { table: 'dropped', type: 'SYSTEM' })
  if (random.chance(0.4)) plantBackup(cell, { table: 'orders', type: 'AWS_BACKUP' })
  if (random.chance(0.2)) plantBackup(cell, { table: 'orders', status: 'CREATING' })
}

/** A backup outlives its table, and then the key that both were under. */
function plantDyingBackup(cell: Cell): void {
  const key = plantKey(cell, 'pending-deletion', 'retired-table')
  plantBackup(cell, { table: 'retired', key })
}

function plantBackup(
  cell: Cell,
  options: {
    table: string
    key?: Key
    type?: 'USER' | 'SYSTEM' | 'AWS_BACKUP'
    status?: 'AVAILABLE' | 'CREATING'
  },
): void {
  const { table, key, type = 'USER', status = 'AVAILABLE' } = options
  const id = `${cell.random.int(1_600_000_000_000, 1_790_000_000_000)}-${cell.random.hex(8)}`
  const arn = arnOf(cell, 'dynamodb', `table/${table}/backup/${id}`)
  const made = past(cell)
  const backup: BackupDescription = {
    BackupDetails: {
      BackupArn: arn,
      BackupName: type === 'SYSTEM' ? `${table}$DeletedTableBackup` : `before-release_${id}`,
      BackupType: type,
      BackupStatus: status,
      BackupCreationDateTime: made,
      BackupSizeBytes: cell.random.int(0, 40_000_000_000),
      ...(type === 'SYSTEM' ? { BackupExpiryDateTime: days(cell, 20) } : {}),
    },
    SourceTableDetails: {
      TableName: table,
      TableArn: arnOf(cell, 'dynamodb', `table/${table}`),
      TableId: cell.random.uuid(),
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      TableCreationDateTime: made,
      ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
    },
    SourceTableFeatureDetails: key ? { SSEDescription: encryption(cell, key) } : {},
  }
  dynamodbState(cell.state).backups.push(backup)
  if (type === 'AWS_BACKUP' || status === 'CREATING') return
  const approved = key?.approved ?? 'fail'
  const resource = [arn, 'AwsDynamoDbBackup'] as const
  cell.ledger.expect(cell, 'dynamodb', 'dynamodb-backups-use-approved-keys', approved, resource)
  if (key) cell.ledger.hang(cell, 'dynamodb', key)
}
