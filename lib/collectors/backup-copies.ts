import { BackupClient, type CopyJob, ListCopyJobsCommand } from '@aws-sdk/client-backup'
import type { Cell } from '../collect/cell.ts'
import { bigint, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { parseArn } from './normalize.ts'

const tables = {
  backup_copy_jobs: defineTable(
    'Jobs that copied recovery points out of vaults of the cell in the last 35 days, one row each.',
    {
      job_id: string('Id of the job.'),
      state: string('`CREATED`, `RUNNING`, `COMPLETED`, `FAILED` or `PARTIAL`.'),
      source_vault_arn: string('Vault that was copied from.'),
      source_recovery_point_arn: string('Recovery point that was copied.'),
      destination_vault_arn: string('Vault that was copied to.'),
      destination_account_id: string('Account of that vault.'),
      destination_region: string('Region of that vault.'),
      destination_vault_type: string('`BACKUP_VAULT` or `LOGICALLY_AIR_GAPPED_BACKUP_VAULT`.'),
      destination_lock_state: string('How that vault is locked, as AWS Backup says.'),
      destination_key_arn: string('KMS key that the copy is encrypted with.'),
      destination_recovery_point_arn: string('The copy.'),
      resource_arn: string('Resource that it is a backup of.'),
      resource_type: string('AWS Backup’s resource type.'),
      created_at: timestamp('When the job was created.'),
      completed_at: timestamp('When it ended.'),
      size_bytes: bigint('Size in bytes.'),
      iam_role_arn: string('Role that the job ran with.'),
      backup_plan_id: string('Plan that made it; none when started by hand.'),
      backup_rule_id: string('Rule that made it.'),
    },
  ),
}

/** A rule that runs once a month has left a job behind; jobs of every day do not pile up beyond that. */
const LOOK_BACK_DAYS = 35

const DAY_MS = 24 * 60 * 60 * 1000

/** The most that AWS Backup answers in one page. */
const PAGE = { MaxResults: 1000 }

/** Where backups were really copied to; where plans mean to copy them is in the collector `backup-plans`. */
export default defineCollector({
  service: 'backup',
  scope: 'cell',
  actions: ['backup:ListCopyJobs'],
  tables,
  async collect(cell) {
    await cell.read('backup_copy_jobs', async () => {
      const since = new Date(cell.clock().getTime() - LOOK_BACK_DAYS * DAY_MS)
      // By creation, not completion: a job that still runs counts too.
      const input = { ...PAGE, ByCreatedAfter: since }
      for await (const page of cell.pages(BackupClient, ListCopyJobsCommand, input)) {
        for (const job of page.CopyJobs ?? []) await putJob(cell, job)
      }
    })
  },
})

async function putJob(cell: Cell<typeof tables>, job: CopyJob): Promise<void> {
  const destination = parseArn(job.DestinationBackupVaultArn)
  await cell.put('backup_copy_jobs', {
    job_id: job.CopyJobId,
    state: job.State,
    source_vault_arn: job.SourceBackupVaultArn,
    source_recovery_point_arn: job.SourceRecoveryPointArn,
    destination_vault_arn: job.DestinationBackupVaultArn,
    destination_account_id: destination?.accountId,
    destination_region: destination?.region,
    destination_vault_type: job.DestinationVaultType,
    destination_lock_state: job.DestinationVaultLockState,
    destination_key_arn: job.DestinationEncryptionKeyArn,
    destination_recovery_point_arn: job.DestinationRecoveryPointArn,
    resource_arn: job.ResourceArn,
    resource_type: job.ResourceType,
    created_at: job.CreationDate,
    completed_at: job.CompletionDate,
    size_bytes: job.BackupSizeInBytes,
    iam_role_arn: job.IamRoleArn,
    backup_plan_id: job.CreatedBy?.BackupPlanId,
    backup_rule_id: job.CreatedBy?.BackupRuleId,
  })
}
