import { type Cell, type Key, verdict } from './cell.ts'
import { plantRecoveryPoint } from './recovery-points.ts'
import { storesOf } from './stores.ts'
import { plantVault } from './vaults.ts'

/** Expects whether the key of each judged vault of the cell is one that data stores are under too. */
export function judgeVaultKeys(cell: Cell, planted: { dataKey: Key } | undefined): void {
  if (planted && cell.random.chance(0.3)) {
    const vault = plantVault(cell, { name: 'one-key-for-all', key: planted.dataKey })
    plantRecoveryPoint(vault, { type: 'EFS', name: 'shared-files' })
  }
  const dataKeys = new Set(storesOf(cell).map(({ keyArn }) => keyArn))
  const judged = cell.ledger
    .of('backup-vaults-are-locked', cell.accountId, cell.region)
    .map(({ resource_arn }) => resource_arn)
  for (const { BackupVaultArn: arn = '', EncryptionKeyArn: key } of cell.state.backup.vaults) {
    if (!key || !judged.includes(arn)) continue
    const status = verdict(!dataKeys.has(key))
    cell.ledger.expect(cell, 'backup', 'backup-keys-differ-from-data-keys', status, [
      arn,
      'AwsBackupBackupVault',
    ])
  }
}
