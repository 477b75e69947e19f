import {
  DescribeExportCommand,
  DynamoDBClient,
  type ExportDescription,
  ListExportsCommand,
} from '@aws-sdk/client-dynamodb'
import type { Cell, Item } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { bigint, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { kmsArn } from './normalize.ts'

const tables = {
  dynamodb_exports: defineTable(
    'Exports of DynamoDB tables to S3 of the past 90 days, one row each; AWS lists no older ones.',
    {
      arn: string('ARN of the export.'),
      table_arn: string('ARN of the table; it may be gone.'),
      status: string(
        '`IN_PROGRESS`, `COMPLETED` or `FAILED`; of what failed nothing else is read.',
      ),
      export_type: string('`FULL_EXPORT` or `INCREMENTAL_EXPORT`.'),
      s3_bucket: string('Name of the bucket that it is put into.'),
      s3_bucket_owner: string('Account that owns that bucket, where the caller named it.'),
      s3_prefix: string('Prefix in that bucket.'),
      sse_algorithm: string('`AES256` or `KMS`.'),
      kms_key_arn: string('KMS key that it is encrypted with: ARN of a key or an alias.'),
      export_time: timestamp('Moment whose state of the table it holds.'),
      started_at: timestamp('When it started.'),
      ended_at: timestamp('When it ended.'),
      item_count: bigint('Items exported.'),
    },
  ),
}

type ExportCell = Cell<typeof tables>

/** The list tells only that an export exists: where it went takes a call each. */
export default defineCollector({
  service: 'dynamodb',
  scope: 'cell',
  actions: ['dynamodb:DescribeExport', 'dynamodb:ListExports'],
  tables,
  async collect(cell) {
    const items: Item[] = []
    await cell.read('dynamodb_exports', () => listExports(cell, items))
    await cell.perItem('dynamodb_exports', items, ({ arn }) => readExport(cell, arn))
  },
})

async function listExports(cell: ExportCell, items: Item[]): Promise<void> {
  for await (const page of cell.pages(DynamoDBClient, ListExportsCommand, { MaxResults: 25 })) {
    for (const { ExportArn, ExportStatus, ExportType } of page.ExportSummaries ?? []) {
      if (ExportArn && ExportStatus !== 'FAILED') items.push({ arn: ExportArn })
      else {
        const row = { arn: ExportArn, status: ExportStatus, export_type: ExportType }
        await cell.put('dynamodb_exports', row)
      }
    }
  }
}

async function readExport(cell: ExportCell, arn: string): Promise<void> {
  const answer = await absentIf(['ExportNotFoundException'], () =>
    cell.call(DynamoDBClient, new DescribeExportCommand({ ExportArn: arn })),
  )
  if (answer) await putExport(cell, arn, told(answer, 'ExportDescription'))
}

async function putExport(cell: ExportCell, arn: string, made: ExportDescription): Promise<void> {
  await cell.put('dynamodb_exports', {
    arn,
    table_arn: made.TableArn,
    status: made.ExportStatus,
    export_type: made.ExportType,
    s3_bucket: made.S3Bucket,
    s3_bucket_owner: made.S3BucketOwner,
    s3_prefix: made.S3Prefix,
    sse_algorithm: made.S3SseAlgorithm,
    kms_key_arn: kmsArn(made.S3SseKmsKeyId, cell),
    export_time: made.ExportTime,
    started_at: made.StartTime,
    ended_at: made.EndTime,
    item_count: made.ItemCount,
  })
}
