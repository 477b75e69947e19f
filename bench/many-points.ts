import type { RecoveryPointByBackupVault } from '@aws-sdk/client-backup'
import { madeUpPointsOf } from '../simulator/operations/backup-paging.ts'
import { madeUp } from '../simulator/paging.ts'
import { emptyCell, type OrganizationState } from '../simulator/state.ts'

/** Where the many recovery points are. */
export interface PlantedPoints {
  accountId: string
  region: string
}

const DAY_MS = 86_400_000

/** Empties one account but for a vault of so many recovery points, which are made up when they are asked for. */
export function plantManyPoints(state: OrganizationState, count: number): PlantedPoints {
  const [accountId, account] = [...state.accounts].at(-1) ?? []
  if (accountId === undefined || account === undefined) throw new Error('there is no account')
  const region = state.homeRegion
  const vault = `arn:aws:backup:${region}:${accountId}:backup-vault:bench`
  const key = `arn:aws:kms:${region}:${accountId}:key/0f0f0f0f-0000-4000-8000-000000000000`
  const cell = emptyCell()
  cell.backup.vaults.push({
    BackupVaultName: 'bench',
    BackupVaultArn: vault,
    VaultType: 'BACKUP_VAULT',
    CreationDate: new Date(Date.UTC(2024, 0, 1)),
    EncryptionKeyArn: key,
    NumberOfRecoveryPoints: count,
  })
  const make = (index: number) => pointOf(index, { accountId, region, vault, key })
  madeUpPointsOf(cell).set('bench', madeUp(count, make))
  account.cells.clear()
  account.cells.set(region, cell)
  return { accountId, region }
}

interface Of extends PlantedPoints {
  vault: string
  key: string
}

/** As AWS Backup answers a snapshot of a volume that one of a thousand volumes has every day. */
function pointOf(index: number, { accountId, region, vault, key }: Of): RecoveryPointByBackupVault {
  const created = new Date(Date.UTC(2026, 0, 1) + (index % 400) * DAY_MS + index)
  return {
    RecoveryPointArn: `arn:aws:ec2:${region}::snapshot/snap-${hex(index)}`,
    BackupVaultName: 'bench',
    BackupVaultArn: vault,
    ResourceArn: `arn:aws:ec2:${region}:${accountId}:volume/vol-${hex(index % 1000)}`,
    ResourceType: 'EBS',
    ResourceName: `volume-${index % 1000}`,
    CreatedBy: {
      BackupPlanId: '9f1c0c1e-5d1f-4b8e-9c35-2c8a63d6f1aa',
      BackupPlanArn: `arn:aws:backup:${region}:${accountId}:backup-plan:9f1c0c1e-5d1f-4b8e-9c35-2c8a63d6f1aa`,
      BackupPlanVersion: 'YmVuY2gtdmVyc2lvbg',
      BackupRuleId: '2f2b7a3d-51f7-4d43-8f0e-7b2f1c9d8e55',
    },
    IamRoleArn: `arn:aws:iam::${accountId}:role/service-role/AWSBackupDefaultServiceRole`,
    Status: 'COMPLETED',
    CreationDate: created,
    CompletionDate: new Date(created.getTime() + 600_000),
    BackupSizeInBytes: index * 1024,
    CalculatedLifecycle: { DeleteAt: new Date(created.getTime() + 400 * DAY_MS) },
    Lifecycle: { DeleteAfterDays: 400 },
    EncryptionKeyArn: key,
    EncryptionKeyType: 'CUSTOMER_MANAGED_KMS_KEY',
    IsEncrypted: true,
    IsParent: false,
    VaultType: 'BACKUP_VAULT',
  }
}

function hex(index: number): string {
  return index.toString(16).padStart(17, '0')
}
