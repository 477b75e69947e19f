import type { RecoveryPointByBackupVault } from '@aws-sdk/client-backup'
import { days } from './cell.ts'
import { Random } from './random.ts'
import type { Vault } from './vaults.ts'

/** Plants the job that made a copy, in the cell that it was copied out of. */
export function plantCopyJob(
  from: Pick<Vault, 'arn' | 'cell'>,
  to: Pick<Vault, 'arn'>,
  copy: RecoveryPointByBackupVault,
): void {
  const { cell } = from
  // Its own source of chance: what else is planted must not depend on it.
  const random = new Random(`copy/${copy.RecoveryPointArn}`)
  const created = copy.CreationDate ?? days(cell, -1)
  cell.state.backup.copyJobs.push({
    AccountId: cell.accountId,
    CopyJobId: random.uuid(),
    SourceBackupVaultArn: from.arn,
    DestinationBackupVaultArn: to.arn,
    DestinationVaultType: 'BACKUP_VAULT',
    DestinationRecoveryPointArn: copy.RecoveryPointArn,
    ResourceArn: copy.ResourceArn,
    ResourceType: copy.ResourceType,
    CreationDate: created,
    CompletionDate: new Date(created.getTime() + 3_600_000),
    State: 'COMPLETED',
    IamRoleArn: `arn:aws:iam::${cell.accountId}:role/service-role/AWSBackupDefaultServiceRole`,
  })
}
