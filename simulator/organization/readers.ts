import { type Cell, verdict } from './cell.ts'
import type { PlantedPrincipal } from './principals.ts'
import { readsAllKeys } from './ruin.ts'
import { can, isJudged } from './separation.ts'

/** The control over who can read what backups hold. */
export const readersControl = 'backup-data-readers-are-few'

/** Expects of everyone who can read backups whether they may. */
export function expectReaders(cells: readonly Cell[]): void {
  const opened = accountsOfOpenVaults(cells)
  for (const [accountId, own] of Map.groupBy(cells, (cell) => cell.accountId)) {
    const [first] = own
    if (!first?.listsBuckets) continue
    const { ledger, principals } = first
    const isOpen = opened.has(accountId)
    const hasBucket = holdsBackupBucket(first)
    const here = { ...first, region: 'global', reads: () => true }
    for (const one of principals.filter(({ part }) => isJudged(part))) {
      if (!isOpen && !readsBackups(one, hasBucket)) continue
      const resource = [one.arn, one.kind === 'user' ? 'AwsIamUser' : 'AwsIamRole'] as const
      const passes = one.part === 'organization' || onlyRestores(one)
      ledger.expect(here, 'iam', readersControl, verdict(passes), resource)
    }
    if (!own.every(readsAllKeys)) ledger.scopeUnknown(readersControl, accountId, 'global')
  }
}

/** Accounts with a key that all of their people may decrypt with, and that a vault is under which matters. */
function accountsOfOpenVaults(cells: readonly Cell[]): Set<string | undefined> {
  const ledger = cells[0]?.ledger
  const judged = new Set(
    ledger?.truth
      .filter(({ control_id }) => control_id === 'backup-vaults-use-approved-keys')
      .map(({ resource_arn }) => resource_arn),
  )
  const keys = cells
    .flatMap(({ state }) => state.backup.vaults)
    .filter(({ BackupVaultArn = '' }) => judged.has(BackupVaultArn))
    .map(({ EncryptionKeyArn = '' }) => EncryptionKeyArn)
  return new Set(keys.filter((arn) => ledger?.openKeys.has(arn)).map((arn) => arn.split(':')[4]))
}

/** Replicas and exports are judged where they are seen. */
function holdsBackupBucket({ accountId, ledger }: Cell): boolean {
  const buckets = ledger.of('backup-buckets-are-versioned-and-locked', accountId)
  return buckets.some(({ resource_type }) => resource_type === 'AwsS3Bucket')
}

function readsBackups({ full, powers }: PlantedPrincipal, hasBucket: boolean): boolean {
  const over = powers.read_backup_data ?? []
  return full.length > 0 || over.some((service) => service !== 's3' || hasBucket)
}

function onlyRestores(one: PlantedPrincipal): boolean {
  const changes = (['destroy_data', 'write_data', 'destroy_backups'] as const).some((power) =>
    can(one, power),
  )
  return can(one, 'restore') && !changes
}
