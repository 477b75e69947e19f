import type { BackupVaultListMember, RecoveryPointByBackupVault } from '@aws-sdk/client-backup'
import { type Cell, type Status, verdict } from './cell.ts'
import type { PlantedPrincipal } from './principals.ts'
import { storesOf } from './stores.ts'
import { policyOf } from './vault-access.ts'

/** The control over who can destroy data and all of its backups. */
export const ruinControl = 'no-principal-destroys-data-and-backups'

/** The control over who can destroy data and the keys of its backups. */
export const keyRuinControl = 'no-principal-destroys-data-and-keys'

/** Where a backup of a database is: in a vault, a snapshot that stays, or what goes with the database. */
type Place = BackupVaultListMember | 'snapshot' | 'automated' | 'abroad'

/**
 * Expects of everyone who can destroy data whether some database goes with all of its backups. Databases tell enough: who was planted
 * with power over other stores alone cannot delete a backup of them, and who has everything has databases too.
 */
export function expectRuin(cells: readonly Cell[]): void {
  const keepers = keepersOf(cells)
  for (const [accountId, own] of Map.groupBy(cells, (cell) => cell.accountId)) {
    const [first] = own
    if (!first?.listsBuckets) continue
    const abroad = (arn: string) =>
      [...(keepers.get(arn) ?? [])].filter((keeper) => keeper !== accountId)
    const databases = own.flatMap((cell) => placesOf(cell, own, abroad))
    const whole = own.every(({ reads }) => reads('backup') && reads('rds'))
    const here = { ...first, region: 'global', reads: () => true }
    for (const one of first.principals.filter(destroys)) {
      const ruins = databases.some((places) => isRuined(places, one, first))
      const status: Status = whole ? verdict(one.part === 'organization' || !ruins) : 'unknown'
      const resource = [one.arn, one.kind === 'user' ? 'AwsIamUser' : 'AwsIamRole'] as const
      first.ledger.expect(here, 'iam', ruinControl, status, resource)
      first.ledger.expect(here, 'iam', keyRuinControl, keyStatus(own, one), resource)
    }
  }
}

/** Every account with an administrator of keys has backups under one of its own. */
function keyStatus(own: readonly Cell[], { part, full }: PlantedPrincipal): Status {
  if (!own.every(readsAllKeys)) return 'unknown'
  return verdict(part === 'organization' || !full.includes('kms'))
}

/** Where the cell's backups can be read, but not whether its keys rotate, a key was denied. */
export function readsAllKeys({ accountId, region, reads, ledger }: Cell): boolean {
  const rotations = ledger.of('backup-keys-rotate', accountId, region)
  const denied = rotations.some(({ status }) => status === 'unknown')
  return reads('kms') && !(reads('backup') && denied)
}

function destroys({ part, full, powers }: PlantedPrincipal): boolean {
  const judged = part === 'own' || part === 'automation' || part === 'organization'
  return judged && (full.length > 0 || (powers.destroy_data?.length ?? 0) > 0)
}

/** By the ARN of what was backed up, the accounts in which an audit sees recovery points of it. */
function keepersOf(cells: readonly Cell[]): Map<string, Set<string>> {
  const keepers = new Map<string, Set<string>>()
  for (const { accountId, state } of cells.filter((cell) => cell.reads('backup'))) {
    for (const { ResourceArn = '' } of [...state.backup.recoveryPoints.values()]
      .flat()
      .filter(isThere)) {
      keepers.set(ResourceArn, (keepers.get(ResourceArn) ?? new Set()).add(accountId))
    }
  }
  return keepers
}

function isThere({ Status }: RecoveryPointByBackupVault): boolean {
  return Status !== 'DELETING' && Status !== 'CREATING'
}

function placesOf(cell: Cell, own: readonly Cell[], abroad: (arn: string) => string[]): Place[][] {
  const { rds } = cell.state
  return storesOf(cell)
    .filter(({ service }) => service === 'rds')
    .map(({ arn }) => {
      const name = arn.split(':').at(-1)
      const snapshots = [
        ...rds.snapshots.filter((one) => arn.includes(':db:') && one.DBInstanceIdentifier === name),
        ...rds.clusterSnapshots.filter(
          (one) => arn.includes(':cluster:') && one.DBClusterIdentifier === name,
        ),
      ].filter(({ SnapshotType }) => SnapshotType !== 'awsbackup')
      const automated = [...rds.instanceAutomatedBackups, ...rds.clusterAutomatedBackups].filter(
        (one) =>
          'DBClusterArn' in one
            ? one.DBClusterArn === arn
            : 'DBInstanceArn' in one && one.DBInstanceArn === arn,
      )
      return [
        ...snapshots.map(({ SnapshotType }) =>
          SnapshotType === 'automated' ? ('automated' as const) : ('snapshot' as const),
        ),
        ...automated.map(() => 'automated' as const),
        ...own.flatMap((each) => vaultsWith(each, arn)),
        ...abroad(arn).map(() => 'abroad' as const),
      ]
    })
}

function vaultsWith({ state }: Cell, source: string): BackupVaultListMember[] {
  return state.backup.vaults.filter(({ BackupVaultName = '' }) =>
    state.backup.recoveryPoints
      .get(BackupVaultName)
      ?.some((point) => point.ResourceArn === source && isThere(point)),
  )
}

function isRuined(places: readonly Place[], one: PlantedPrincipal, cell: Cell): boolean {
  const hasAll = one.full.includes('rds') && one.full.includes('backup')
  const deletesDatabases = hasAll || one.powers.destroy_data?.includes('rds') === true
  return (
    deletesDatabases &&
    places.length > 0 &&
    places.every((place) => {
      if (place === 'automated') return true
      if (place === 'abroad') return false
      return hasAll && (place === 'snapshot' || isEmptied(place, cell))
    })
  )
}

/** Whether who may do everything in AWS Backup, and is spared by no policy, can delete what a vault holds. */
function isEmptied(vault: BackupVaultListMember, { now }: Cell): boolean {
  const { VaultType, Locked, LockDate } = vault
  if (VaultType === 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT') return false
  if (Locked && LockDate && LockDate <= now) return false
  const policy = policyOf(vault)
  if (!policy || policy.unclear) return true
  const kept = (action: string) => policy.denies.includes(`backup:${action}`)
  if (!kept('PutBackupVaultAccessPolicy') || !kept('DeleteBackupVaultAccessPolicy')) return true
  return !kept('DeleteRecoveryPoint') && !(Locked && kept('DeleteBackupVaultLockConfiguration'))
}
