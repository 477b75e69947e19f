import {
  BackupClient,
  type BackupVaultListMember,
  DescribeRegionSettingsCommand,
  GetBackupVaultAccessPolicyCommand,
  GetBackupVaultNotificationsCommand,
  ListBackupVaultsCommand,
  ListRecoveryPointsByBackupVaultCommand,
  ListRestoreAccessBackupVaultsCommand,
  type RecoveryPointByBackupVault,
  type RestoreAccessBackupVaultListMember,
} from '@aws-sdk/client-backup'
import { encryptsIndependently, type Management } from '../aws/backup-encryption.ts'
import type { Cell } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { bigint, boolean, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { isMalformedJson, parseArn } from './normalize.ts'

const tables = {
  backup_vaults: defineTable('AWS Backup vaults, one row each.', {
    arn: string('ARN of the vault.'),
    name: string('Name of the vault.'),
    vault_type: string(
      '`BACKUP_VAULT`, `LOGICALLY_AIR_GAPPED_BACKUP_VAULT` or `RESTORE_ACCESS_BACKUP_VAULT`.',
    ),
    vault_state: string('`CREATING`, `AVAILABLE` or `FAILED`.'),
    created_at: timestamp('When the vault was created.'),
    encryption_key_arn: string('KMS key that encrypts fully managed recovery points in the vault.'),
    encryption_key_type: string(
      '`AWS_OWNED_KMS_KEY` or `CUSTOMER_MANAGED_KMS_KEY`; does not tell an AWS managed key from a customer’s.',
    ),
    recovery_point_count: bigint('Number of recovery points, approximate as AWS reports it.'),
    locked: boolean('Whether AWS Backup Vault Lock is on, in either mode.'),
    lock_date: timestamp(
      'When the lock becomes immutable (compliance mode); none in governance mode.',
    ),
    min_retention_days: bigint('Shortest retention the lock admits; none: no bound.'),
    max_retention_days: bigint('Longest retention the lock admits; none: no bound.'),
  }),
  backup_vault_policies: defineTable(
    'Access policies of vaults; a vault without a policy has no row.',
    {
      vault_arn: string('ARN of the vault.'),
      vault_name: string('Name of the vault.'),
      policy: string('The policy document as stored.'),
      malformed: boolean('Whether the document is not valid JSON.'),
    },
  ),
  backup_vault_notifications: defineTable(
    'Notification settings of vaults, one row per vault and event; a vault without any has no row.',
    {
      vault_arn: string('ARN of the vault.'),
      vault_name: string('Name of the vault.'),
      sns_topic_arn: string('SNS topic that is notified.'),
      event: string('Event that is notified, such as `BACKUP_JOB_FAILED`.'),
    },
  ),
  restore_access_vaults: defineTable(
    'Restore access vaults: the doors by which approved accounts restore from an air-gapped vault.',
    {
      arn: string('ARN of the restore access vault.'),
      source_vault_arn: string('Air-gapped vault that it gives access to.'),
      accessor_account_id: string('Account that it gives access from.'),
      vault_state: string('`CREATING`, `AVAILABLE` or `FAILED`.'),
      created_at: timestamp('When it was created.'),
      approved_at: timestamp('When it was approved.'),
      revoke_request_status: string('How the last request to take the access away stands.'),
    },
  ),
  recovery_points: defineTable('Recovery points in vaults, one row each.', {
    arn: string(
      'ARN of the recovery point: for types that are not fully managed, of the native snapshot.',
    ),
    vault_arn: string('ARN of the vault that holds it.'),
    vault_name: string('Name of the vault that holds it.'),
    vault_type: string('Type of the vault that holds it.'),
    source_vault_arn: string('Vault it was copied from, when that is in another account.'),
    source_arn: string('ARN of the resource it is a backup of.'),
    source_type: string('AWS Backup’s resource type, such as `EBS` or `RDS`.'),
    source_name: string('Name of the resource it is a backup of.'),
    status: string(
      '`COMPLETED`, `PARTIAL`, `DELETING`, `EXPIRED`, `AVAILABLE`, `STOPPED` or `CREATING`.',
    ),
    created_at: timestamp('When it was created.'),
    completed_at: timestamp('When it was completed.'),
    size_bytes: bigint('Size in bytes.'),
    encrypted: boolean('Whether it is encrypted.'),
    encryption_key_arn: string('KMS key it is encrypted with, as AWS reports it.'),
    encryption_key_type: string('`AWS_OWNED_KMS_KEY` or `CUSTOMER_MANAGED_KMS_KEY`.'),
    encryption_source: string(
      'What decides its encryption: `vault` for independently encrypted types, `source` where the type inherits from its source.',
    ),
    effective_key_arn: string(
      'Key that a restore depends on: the point’s own where AWS reports one, else, for independently encrypted types, the vault’s.',
    ),
    is_parent: boolean('Whether it is a composite or AMI parent, judged by its members.'),
    parent_arn: string('ARN of the composite recovery point it is a member of.'),
    backup_plan_id: string('Plan that made it; none when made on demand.'),
    backup_rule_id: string('Rule that made it.'),
    iam_role_arn: string('Role that made it.'),
    delete_after_days: bigint('Retention in days by its lifecycle; none: kept for ever.'),
    delete_after_event: string(
      'Event that deletes it sooner: `DELETE_AFTER_COPY`, once it is in an air-gapped vault.',
    ),
    move_to_cold_storage_after_days: bigint('Days until it moves to cold storage.'),
    delete_at: timestamp('When its lifecycle deletes it.'),
    last_restored_at: timestamp('When it was last restored.'),
    scan_findings: string('Comma-separated malware scan findings; none: none reported.'),
    scan_failed: boolean('Whether a malware scan of it failed; none: never scanned.'),
    scanned_at: timestamp('When the malware scan’s result was last computed.'),
  }),
  backup_region_settings: defineTable(
    'Which resource types AWS Backup serves in the Region, one row per type.',
    {
      resource_type: string('AWS Backup’s resource type.'),
      opted_in: boolean('Whether plans protect the type.'),
      full_management: boolean(
        'Whether AWS Backup fully manages the type’s backups (own encryption).',
      ),
    },
  ),
}

type BackupCell = Cell<typeof tables>

/** The most that AWS Backup answers in one page. */
const PAGE = { MaxResults: 1000 }

export default defineCollector({
  service: 'backup',
  scope: 'cell',
  actions: [
    'backup:DescribeRegionSettings',
    'backup:GetBackupVaultAccessPolicy',
    'backup:GetBackupVaultNotifications',
    'backup:ListBackupVaults',
    'backup:ListRecoveryPointsByBackupVault',
    'backup:ListRestoreAccessBackupVaults',
  ],
  tables,
  async collect(cell) {
    const settings = readRegionSettings(cell)
    await Promise.all([settings, readVaults(cell, settings)])
  },
})

async function readRegionSettings(cell: BackupCell): Promise<Management> {
  let management: Management = {}
  await cell.read('backup_region_settings', async () => {
    const answer = await cell.call(BackupClient, new DescribeRegionSettingsCommand({}))
    const optIn = told(answer, 'ResourceTypeOptInPreference')
    management = told(answer, 'ResourceTypeManagementPreference')
    for (const type of new Set([...Object.keys(optIn), ...Object.keys(management)])) {
      await cell.put('backup_region_settings', {
        resource_type: type,
        opted_in: optIn[type],
        full_management: management[type],
      })
    }
  })
  return management
}

async function readVaults(cell: BackupCell, settings: Promise<Management>): Promise<void> {
  const ofVaults: (keyof typeof tables)[] = [
    'backup_vaults',
    'backup_vault_policies',
    'backup_vault_notifications',
    'restore_access_vaults',
    'recovery_points',
  ]
  await cell.read(ofVaults, async () => {
    const reads: Promise<void>[] = []
    try {
      for await (const page of cell.pages(BackupClient, ListBackupVaultsCommand, PAGE)) {
        for (const listed of page.BackupVaultList ?? []) {
          const vault = { ...listed, BackupVaultName: nameOf(listed) }
          await putVault(cell, vault)
          reads.push(
            readVaultPolicy(cell, vault),
            readVaultNotifications(cell, vault),
            readRestoreAccess(cell, vault),
            readRecoveryPoints(cell, vault, settings),
          )
        }
      }
    } finally {
      await Promise.all(reads)
    }
  })
}

/** Its ARN ends with its name, which plans and calls know it by. */
function nameOf({ BackupVaultName, BackupVaultArn }: BackupVaultListMember): string | undefined {
  return BackupVaultName ?? parseArn(BackupVaultArn)?.resource.split(':')[1]
}

async function putVault(cell: BackupCell, vault: BackupVaultListMember): Promise<void> {
  await cell.put('backup_vaults', {
    arn: vault.BackupVaultArn,
    name: vault.BackupVaultName,
    vault_type: vault.VaultType,
    vault_state: vault.VaultState,
    created_at: vault.CreationDate,
    encryption_key_arn: vault.EncryptionKeyArn,
    encryption_key_type: vault.EncryptionKeyType,
    recovery_point_count: vault.NumberOfRecoveryPoints,
    locked: vault.Locked,
    lock_date: vault.LockDate,
    min_retention_days: vault.MinRetentionDays,
    max_retention_days: vault.MaxRetentionDays,
  })
}

function resourceOf(vault: BackupVaultListMember): { arn: string } {
  return { arn: vault.BackupVaultArn ?? '' }
}

async function readVaultPolicy(cell: BackupCell, vault: BackupVaultListMember): Promise<void> {
  const read = async () => {
    const command = new GetBackupVaultAccessPolicyCommand({
      BackupVaultName: vault.BackupVaultName,
    })
    // The call answers so for a vault without a policy.
    const answer = await absentIf(['ResourceNotFoundException'], () =>
      cell.call(BackupClient, command),
    )
    if (!answer) return
    const policy = told(answer, 'Policy')
    await cell.put('backup_vault_policies', {
      vault_arn: vault.BackupVaultArn,
      vault_name: vault.BackupVaultName,
      policy,
      malformed: isMalformedJson(policy),
    })
  }
  await cell.read('backup_vault_policies', read, resourceOf(vault))
}

async function readVaultNotifications(
  cell: BackupCell,
  vault: BackupVaultListMember,
): Promise<void> {
  const read = async () => {
    const command = new GetBackupVaultNotificationsCommand({
      BackupVaultName: vault.BackupVaultName,
    })
    // A vault without notifications answers with ERROR_2106, a code that the service's model does not know.
    const answer = await absentIf(['ERROR_2106', 'ResourceNotFoundException'], () =>
      cell.call(BackupClient, command),
    )
    if (!answer) return
    for (const event of told(answer, 'BackupVaultEvents')) {
      await cell.put('backup_vault_notifications', {
        vault_arn: vault.BackupVaultArn,
        vault_name: vault.BackupVaultName,
        sns_topic_arn: answer.SNSTopicArn,
        event,
      })
    }
  }
  await cell.read('backup_vault_notifications', read, resourceOf(vault))
}

/** Only an air-gapped vault can be opened to other accounts. */
async function readRestoreAccess(cell: BackupCell, vault: BackupVaultListMember): Promise<void> {
  if (vault.VaultType !== 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT') return
  const read = async () => {
    const input = { ...PAGE, BackupVaultName: vault.BackupVaultName }
    const command = ListRestoreAccessBackupVaultsCommand
    await absentIf(['ResourceNotFoundException'], async () => {
      for await (const page of cell.pages(BackupClient, command, input)) {
        for (const access of page.RestoreAccessBackupVaults ?? []) await putAccess(access)
      }
    })
  }
  const putAccess = (access: RestoreAccessBackupVaultListMember) =>
    cell.put('restore_access_vaults', {
      arn: access.RestoreAccessBackupVaultArn,
      source_vault_arn: vault.BackupVaultArn,
      accessor_account_id: parseArn(access.RestoreAccessBackupVaultArn)?.accountId,
      vault_state: access.VaultState,
      created_at: access.CreationDate,
      approved_at: access.ApprovalDate,
      revoke_request_status: access.LatestRevokeRequest?.Status,
    })
  await cell.read('restore_access_vaults', read, resourceOf(vault))
}

async function readRecoveryPoints(
  cell: BackupCell,
  vault: BackupVaultListMember,
  settings: Promise<Management>,
): Promise<void> {
  // No vault is named in this gap: points that nobody has seen could be of any kind, so the table as a whole is incomplete.
  await cell.read('recovery_points', async () => {
    const management = await settings
    const input = { ...PAGE, BackupVaultName: vault.BackupVaultName }
    const command = ListRecoveryPointsByBackupVaultCommand
    // Only an empty vault can be deleted: one that is gone since it was listed holds none.
    await absentIf(['ResourceNotFoundException'], async () => {
      for await (const page of cell.pages(BackupClient, command, input)) {
        for (const point of page.RecoveryPoints ?? []) {
          await putRecoveryPoint(cell, point, vault, management)
        }
      }
    })
  })
}

async function putRecoveryPoint(
  cell: BackupCell,
  point: RecoveryPointByBackupVault,
  vault: BackupVaultListMember,
  management: Management,
): Promise<void> {
  const independent = encryptsIndependently(point.ResourceType, vault.VaultType, management)
  await cell.put('recovery_points', {
    arn: point.RecoveryPointArn,
    vault_arn: point.BackupVaultArn ?? vault.BackupVaultArn,
    vault_name: point.BackupVaultName ?? vault.BackupVaultName,
    vault_type: point.VaultType ?? vault.VaultType,
    source_vault_arn: point.SourceBackupVaultArn,
    source_arn: point.ResourceArn,
    source_type: point.ResourceType,
    source_name: point.ResourceName,
    status: point.Status,
    created_at: point.CreationDate,
    completed_at: point.CompletionDate,
    size_bytes: point.BackupSizeInBytes,
    encrypted: point.IsEncrypted,
    encryption_key_arn: point.EncryptionKeyArn,
    encryption_key_type: point.EncryptionKeyType,
    encryption_source: independent ? 'vault' : 'source',
    effective_key_arn: point.EncryptionKeyArn ?? (independent ? vault.EncryptionKeyArn : undefined),
    is_parent: point.IsParent ?? false,
    parent_arn: point.ParentRecoveryPointArn,
    backup_plan_id: point.CreatedBy?.BackupPlanId,
    backup_rule_id: point.CreatedBy?.BackupRuleId,
    iam_role_arn: point.IamRoleArn,
    delete_after_days: point.Lifecycle?.DeleteAfterDays,
    delete_after_event: point.Lifecycle?.DeleteAfterEvent,
    move_to_cold_storage_after_days: point.Lifecycle?.MoveToColdStorageAfterDays,
    delete_at: point.CalculatedLifecycle?.DeleteAt,
    last_restored_at: point.LastRestoreTime,
    scan_findings: point.AggregatedScanResult?.Findings?.join(',') || undefined,
    scan_failed: point.AggregatedScanResult?.FailedScan,
    scanned_at: point.AggregatedScanResult?.LastComputed,
  })
}
