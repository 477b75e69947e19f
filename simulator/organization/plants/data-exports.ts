import type { ExportStatus } from '@aws-sdk/client-dynamodb'
import { dynamodbExportsOf } from '../../operations/dynamodb-exports.ts'
import { rdsExportsOf } from '../../operations/rds-exports.ts'
import { arnOf, type Cell, past } from '../cell.ts'
import { oddNames } from '../odd-names.ts'
import { definePlant } from '../plant.ts'
import { bucketName, ISOLATED, plantBackupBucket, plantBucket } from './s3.ts'

/** Plants exports of databases to S3, and the buckets that they are put into. */
export default definePlant({
  controls: { 'backup-buckets-are-versioned-and-locked': ['s3', 'rds', 'dynamodb'] },
  plant(given, { account, workload, story, random, dataKey }) {
    if (!workload || !random.chance(0.6)) return
    const cell = { ...given, random }
    const way = random.pick(['RDS', 'DynamoDB', 'both'])
    const stem = `${account}-exports`
    const bucket = bucketName(cell, stem, cell.region)
    plantBackupBucket(cell, { stem, key: dataKey })
    if (way !== 'DynamoDB') plantTask(cell, bucket, 'COMPLETE', `nightly-${random.hex(6)}`)
    if (way !== 'RDS') plantExport(cell, bucket, 'COMPLETED')
    if (random.chance(0.3)) plantExport(cell, bucket, 'IN_PROGRESS')
    // What came to nothing makes no backup bucket of its destination.
    plantBucket(cell, { stem: `${account}-attempts`, key: 'S3' })
    const attempts = bucketName(cell, `${account}-attempts`, cell.region)
    plantTask(cell, attempts, random.pick(['FAILED', 'CANCELED']), `attempt-${random.hex(6)}`)
    plantExport(cell, attempts, 'FAILED')
    if (story && account === 'payments-prod') {
      for (const name of oddNames) plantTask(cell, bucket, 'COMPLETE', name)
      plantTask(cell, 'a-partner-s-bucket', 'COMPLETE', 'for-a-partner')
      plantExport(cell, ISOLATED, 'COMPLETED')
    }
  },
})

function plantTask(cell: Cell, bucket: string, status: string, name: string): void {
  rdsExportsOf(cell.state).tasks.push({
    ExportTaskIdentifier: name,
    SourceArn: arnOf(cell, 'rds', 'snapshot:orders'),
    SourceType: 'SNAPSHOT',
    S3Bucket: bucket,
    S3Prefix: 'orders',
    IamRoleArn: `arn:aws:iam::${cell.accountId}:role/rds-export`,
    KmsKeyId: arnOf(cell, 'kms', 'alias/data'),
    Status: status,
    TaskStartTime: past(cell),
  })
}

function plantExport(cell: Cell, bucket: string, status: ExportStatus): void {
  const table = arnOf(cell, 'dynamodb', 'table/orders')
  const time = past(cell)
  dynamodbExportsOf(cell.state).exports.push({
    ExportArn: `${table}/export/0${time.getTime()}-${cell.random.hex(8)}`,
    ExportStatus: status,
    ExportType: 'FULL_EXPORT',
    TableArn: table,
    ExportTime: time,
    StartTime: time,
    S3Bucket: bucket,
    S3SseAlgorithm: 'KMS',
    S3SseKmsKeyId: arnOf(cell, 'kms', 'alias/data'),
  })
}
