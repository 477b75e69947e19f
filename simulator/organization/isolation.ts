import type { AccountState, Denial } from '../state.ts'
import type { Cell, Status } from './cell.ts'

/** The OU whose backups the demo wants copied to other accounts. */
export const isolatedOu = 'ou-ab12-prodwork'

export const isolationControls = {
  'backup-keys-allow-isolation': ['backup', 'ec2', 'rds'],
} as const

/** Types that AWS Backup encrypts by itself, so that a copy gets a key of its own. */
const independent = new Set(['EFS', 'S3', 'Timestream', 'VirtualMachine', 'CloudFormation'])

/** Expects of each key that backups of the isolated accounts are under, whether what is under it can be copied away. */
export function expectIsolation(cells: readonly Cell[], accounts: Iterable<AccountState>): void {
  const owners = [...accounts]
  const isolated = new Set(
    owners
      .filter(({ account }) => account.Paths?.some((path) => path.includes(isolatedOu)))
      .map(({ account }) => account.Id),
  )
  const denials = owners.flatMap(({ roles }) => roles.flatMap(({ deny }) => deny))
  for (const cell of cells.filter(({ accountId }) => isolated.has(accountId))) {
    for (const key of keysOfSources(cell)) {
      const status = copies(key, { cells, owners, denials })
      const resource = [key, 'AwsKmsKey'] as const
      cell.ledger.expect(cell, 'backup', 'backup-keys-allow-isolation', status, resource)
    }
  }
}

/** The keys of backups that inherit the encryption of their source. */
function keysOfSources({ state }: Cell): Set<string> {
  const points = [...state.backup.recoveryPoints.values()]
    .flat()
    .filter(({ IsParent, Status }) => !IsParent && Status !== 'DELETING' && Status !== 'CREATING')
    .filter(({ VaultType }) => VaultType !== 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT')
    .filter(({ ResourceType = '' }) =>
      ResourceType === 'DynamoDB'
        ? !state.backup.resourceTypeManagement.DynamoDB
        : !independent.has(ResourceType),
    )
  const snapshots = state.ec2.snapshots.filter(
    ({ Encrypted, Tags }) =>
      Encrypted && !Tags?.some(({ Key }) => Key === 'aws:backup:source-resource'),
  )
  const databases = [...state.rds.snapshots, ...state.rds.clusterSnapshots].filter(
    ({ SnapshotType }) => SnapshotType !== 'awsbackup',
  )
  const keys = [
    ...points.map(({ EncryptionKeyArn }) => EncryptionKeyArn),
    ...snapshots.map(({ KmsKeyId }) => KmsKeyId),
    ...databases.map(({ KmsKeyId }) => KmsKeyId),
  ]
  return new Set(keys.filter((key) => key !== undefined))
}

interface World {
  cells: readonly Cell[]
  owners: AccountState[]
  denials: Denial[]
}

function copies(key: string, { cells, owners, denials }: World): Status {
  const [, , , region, owner] = key.split(':')
  if (!owners.some(({ account }) => account.Id === owner)) return 'pass'
  const home = cells.find((cell) => cell.accountId === owner && cell.region === region)
  if (!home?.reads('kms') || denials.some(({ resources }) => resources?.includes(key)))
    return 'unknown'
  const known = home.state.kms.keys.find(({ metadata }) => metadata.Arn === key)
  if (!known) return 'unknown'
  return known.metadata.KeyManager === 'AWS' ? 'fail' : 'pass'
}
