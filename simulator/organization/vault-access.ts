import type { BackupVaultListMember } from '@aws-sdk/client-backup'
import { type Cell, type Status, verdict } from './cell.ts'
import { type VaultPolicy, vaultActions } from './vault-policies.ts'

/** The controls over vaults' access policies; all read AWS Backup alone. */
export const vaultAccessControls = [
  'vaults-deny-recovery-point-deletion',
  'vaults-deny-tampering',
  'vaults-restrict-copies-in',
  'vault-policies-have-no-dead-grants',
] as const

/** What the planted policies mean, by the vault that they hang on. */
const meanings = new WeakMap<BackupVaultListMember, VaultPolicy>()

/** The policy of a planted vault. */
export function policyOf(vault: BackupVaultListMember): VaultPolicy | undefined {
  return meanings.get(vault)
}

/** Hangs a policy on a planted vault. */
export function hangPolicy(cell: Cell, vault: BackupVaultListMember, policy: VaultPolicy): void {
  cell.state.backup.vaultPolicies.set(vault.BackupVaultName ?? '', policy.text)
  meanings.set(vault, policy)
}

/** Expects of each vault that matters what its policy protects and grants. Runs when all points are planted. */
export function expectVaultAccess(cells: readonly Cell[]): void {
  for (const cell of cells) {
    const judged = new Set(
      cell.ledger
        .of('backup-vaults-are-locked', cell.accountId, cell.region)
        .map(({ resource_arn }) => resource_arn),
    )
    for (const vault of cell.state.backup.vaults) {
      const { BackupVaultArn: arn = '', BackupVaultName: name = '' } = vault
      const automatic = name === 'aws/efs/automatic-backup-vault'
      if (!judged.has(arn) && !(automatic && vault.NumberOfRecoveryPoints)) continue
      const expect = (control: (typeof vaultAccessControls)[number], status: Status) =>
        cell.ledger.expect(cell, 'backup', control, status, [arn, 'AwsBackupBackupVault'])
      const policy = meanings.get(vault)
      expect('vaults-deny-recovery-point-deletion', deletionStatus(cell, vault, policy))
      if (!automatic) expect('vaults-deny-tampering', tamperingStatus(cell, vault, policy))
      expect('vaults-restrict-copies-in', policy?.copiesIn ?? 'pass')
      expect('vault-policies-have-no-dead-grants', policy?.deadGrants ?? 'pass')
    }
  }
}

function deletionStatus(
  cell: Cell,
  vault: BackupVaultListMember,
  policy: VaultPolicy | undefined,
): Status {
  if (isAirGapped(vault) || isInCompliance(cell, vault)) return 'pass'
  const points = (cell.state.backup.recoveryPoints.get(vault.BackupVaultName ?? '') ?? [])
    .filter(({ Status, IsParent }) => !IsParent && Status !== 'DELETING' && Status !== 'CREATING')
    .map(({ RecoveryPointArn = '' }) => RecoveryPointArn)
  const continuous = points.some((arn) => arn.includes(':recovery-point:continuous:'))
  const asked = [...vaultActions.deletion, ...(continuous ? [vaultActions.continuous] : [])]
  const about = policy?.about
  // Of an empty vault its policy must hold for whatever comes.
  const whole = !about || (points.length > 0 ? points.every(about) : about('arn:aws:rds:'))
  return statusOf(policy, whole ? asked : [...asked, 'what the policy is not about'])
}

function tamperingStatus(
  cell: Cell,
  vault: BackupVaultListMember,
  policy: VaultPolicy | undefined,
): Status {
  if (isAirGapped(vault)) return 'pass'
  const [put = '', remove = ''] = vaultActions.tampering
  return statusOf(policy, isInCompliance(cell, vault) ? [put, remove] : vaultActions.tampering)
}

function statusOf(policy: VaultPolicy | undefined, asked: readonly string[]): Status {
  if (policy?.unclear) return 'unknown'
  return verdict(policy !== undefined && asked.every((action) => policy.denies.includes(action)))
}

function isAirGapped({ VaultType }: BackupVaultListMember): boolean {
  return VaultType === 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT'
}

function isInCompliance(cell: Cell, { Locked, LockDate }: BackupVaultListMember): boolean {
  return Locked === true && LockDate !== undefined && LockDate <= cell.now
}
