import { arnOf, type Cell, type Key } from './cell.ts'
import { foreignKey, goneKey, type KeyKind, managedKey, plantKey } from './keys.ts'
import { oddNames } from './odd-names.ts'
import { plantAutomatedBackup } from './rds.ts'
import { plantRecoveryPoint } from './recovery-points.ts'
import { brokenPolicy, denyDeletion } from './vault-policies.ts'
import { plantPlan, plantVault, type Vault } from './vaults.ts'

/**
 * Plants the central account's vaults: copies from other accounts, points under other accounts'
 * keys, an air-gapped vault, and a vault that only another account's plan names (returned).
 */
export function plantCentralVaults(
  cell: Cell,
  sources: { payments: Cell; analytics: Cell },
): Vault {
  const key = plantKey(cell, 'rotating', 'central-backups')
  const policy = denyDeletion(`arn:aws:iam::${cell.accountId}:role/BreakGlass`)
  const central = plantVault(cell, { name: 'central', key, lock: 'compliance', policy })
  for (const source of [sources.payments, sources.analytics]) {
    const from = plantVault(source, { name: 'outgoing', key: managedKey(source, 'backup') })
    plantRecoveryPoint(central, { type: 'EBS', key, copiedFrom: from })
    plantRecoveryPoint(central, { type: 'S3', copiedFrom: from, keyNotReported: true })
    // A copy that stayed under the key of the account it came from.
    const theirs = plantKey(source, 'not-rotating', 'shared-with-central')
    plantRecoveryPoint(central, { type: 'EBS', key: theirs, copiedFrom: from })
  }
  const gapped = plantVault(cell, { name: 'air-gapped', key: undefined, airGapped: true })
  plantRecoveryPoint(gapped, { type: 'S3' })
  plantRecoveryPoint(gapped, { type: 'EBS', key: 'aws-owned' })
  const gappedTarget = plantVault(cell, { name: 'air-gapped-target', key, airGapped: true })
  plantPlan(cell, { name: 'isolated', target: central, airGappedTarget: gappedTarget })
  return plantVault(cell, { name: 'central-replica', key, lock: 'cooling-off' })
}

/** Plants vaults that are easily judged wrongly. */
export function plantVaultTraps(cell: Cell, replica: Vault): void {
  const aws = managedKey(cell, 'backup')
  const key = plantKey(cell, 'not-rotating', 'vaults', oddNames[2])
  const efs = plantVault(cell, {
    name: 'aws/efs/automatic-backup-vault',
    key: aws,
    policy: denyDeletion('arn:aws:iam::aws:role/none'),
  })
  plantRecoveryPoint(efs, { type: 'EFS', name: 'home' })
  plantRecoveryPoint(efs, { type: 'EFS', name: 'shared', keyNotReported: true })

  const monthly = plantVault(cell, { name: 'monthly', key, lock: 'governance' })
  plantPlan(cell, { name: 'monthly', target: monthly, copyTo: [replica] })
  plantVault(cell, { name: 'unused', key })
  const failed = plantVault(cell, { name: 'half-made', key: aws, state: 'FAILED' })
  plantPlan(cell, { name: 'never-worked', target: failed })

  const broken = plantVault(cell, {
    name: 'hand-edited',
    key,
    policy: brokenPolicy('{"Version": "2012-10-17",'),
  })
  for (const name of oddNames) plantRecoveryPoint(broken, { type: 'EBS', key, name })
  plantRecoveryPoint(broken, { type: 'EBS', key: 'none', status: 'DELETING' })
  plantRecoveryPoint(broken, { type: 'S3', status: 'CREATING' })
  plantRecoveryPoint(broken, { type: 'EBS', key: 'none', status: 'EXPIRED' })
  plantRecoveryPoint(broken, { type: 'RDS', key: 'aws-owned', name: 'sse-rds' })

  const database = `db-${cell.random.text(26, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')}`
  const arn = arnOf(cell, 'backup', `recovery-point:continuous:${database.toLowerCase()}-1a2b3c4d`)
  plantRecoveryPoint(broken, { type: 'RDS', key, arn, status: 'AVAILABLE', kept: 35 })
  plantAutomatedBackup(cell, { key, source: 'continuous', recoveryPointArn: arn })
}

/** Plants backups that hang on keys which do not work, or cannot be seen to. */
export function plantBrokenKeys(cell: Cell, far: { suspended: Key; withoutRole: Key }): void {
  const vault = plantVault(cell, {
    name: 'inherited',
    key: plantKey(cell, 'pending-deletion', 'inherited'),
    policy: denyDeletion(`arn:aws:iam::${cell.accountId}:role/BackupAdministrator`),
  })
  const point = (key: Key | 'untold', name: string) =>
    plantRecoveryPoint(vault, { type: key === 'untold' ? 'Storage Gateway' : 'EBS', key, name })
  const kinds: KeyKind[] = ['disabled', 'imported', 'material-expired', 'valid-to-passed']
  for (const kind of kinds) point(plantKey(cell, kind, kind), kind)
  point(foreignKey(cell), 'bought with the company')
  point(goneKey(cell), 'key was deleted')
  point(far.suspended, 'key of a suspended account')
  point(far.withoutRole, 'key of an account without the role')
  point('untold', 'gateway volume')
  plantRecoveryPoint(vault, { type: 'EFS', keyNotReported: true })

  const outside = plantVault(cell, { name: 'escrow', key: foreignKey(cell), lock: 'compliance' })
  plantRecoveryPoint(outside, { type: 'S3' })
  const gone = plantVault(cell, { name: 'orphaned', key: goneKey(cell) })
  plantPlan(cell, { name: 'orphaned', target: gone })
}
