import { DescribeExportTasksCommand, type ExportTask, RDSClient } from '@aws-sdk/client-rds'
import type { Cell } from '../collect/cell.ts'
import { defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { kmsArn } from './normalize.ts'

const tables = {
  rds_export_tasks: defineTable('Exports of RDS snapshots and clusters to S3, one row each.', {
    export_task_id: string('Identifier of the task; it has no ARN.'),
    source_arn: string('ARN of the snapshot or cluster that is exported.'),
    source_type: string('`SNAPSHOT` or `CLUSTER`.'),
    status: string('`STARTING`, `IN_PROGRESS`, `COMPLETE`, `CANCELING`, `CANCELED` or `FAILED`.'),
    s3_bucket: string('Name of the bucket that it is put into.'),
    s3_prefix: string('Prefix in that bucket.'),
    iam_role_arn: string('Role that writes it.'),
    kms_key_arn: string('KMS key that it is encrypted with: ARN of a key or an alias.'),
    snapshot_time: timestamp('When the snapshot was made.'),
    started_at: timestamp('When the task started.'),
    ended_at: timestamp('When it ended.'),
  }),
}

const MARKER = { request: 'Marker', response: 'Marker' }

export default defineCollector({
  service: 'rds',
  scope: 'cell',
  actions: ['rds:DescribeExportTasks'],
  tables,
  async collect(cell) {
    await cell.read('rds_export_tasks', async () => {
      const pages = cell.pages(RDSClient, DescribeExportTasksCommand, { MaxRecords: 100 }, MARKER)
      for await (const page of pages) {
        for (const task of page.ExportTasks ?? []) await putTask(cell, task)
      }
    })
  },
})

async function putTask(cell: Cell<typeof tables>, task: ExportTask): Promise<void> {
  await cell.put('rds_export_tasks', {
    export_task_id: task.ExportTaskIdentifier,
    source_arn: task.SourceArn,
    source_type: task.SourceType,
    status: task.Status,
    s3_bucket: task.S3Bucket,
    s3_prefix: task.S3Prefix,
    iam_role_arn: task.IamRoleArn,
    kms_key_arn: kmsArn(task.KmsKeyId, cell),
    snapshot_time: task.SnapshotTime,
    started_at: task.TaskStartTime,
    ended_at: task.TaskEndTime,
  })
}
