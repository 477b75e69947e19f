import type { Backup, FileSystem, FileSystemType, Volume } from '@aws-sdk/client-fsx'
import { fsxOf } from '../../operations/fsx.ts'
import { arnOf, type Cell, days, type Key, past } from '../cell.ts'
import { foreignKey, managedKey, plantKey } from '../keys.ts'
import { oddNames } from '../odd-names.ts'
import { definePlant, type Soil } from '../plant.ts'

const CONTROL = 'fsx-backups-use-approved-keys'

/** States in which there is no backup yet, or none any more. */
const noBackups = ['CREATING', 'FAILED', 'DELETED'] as const

/** Plants file systems with their backups: what AWS Backup made, and what is no backup yet or any more, is not judged. */
export default definePlant({
  controls: {
    [CONTROL]: ['fsx'],
    'backup-keys-are-usable': ['fsx'],
    'backup-keys-rotate': ['fsx'],
  },
  plant(given, soil) {
    if (!soil.workload || !soil.random.chance(0.6)) return
    // Keys that are made here take their randomness from the soil, so that the rest of the organization stays as it is.
    const cell = { ...given, random: soil.random }
    const share = plantFileSystem(cell, 'WINDOWS', soil.dataKey, 'shares')
    plantBackup(cell, share, { type: 'AUTOMATIC', key: soil.dataKey })
    plantBackup(cell, share, { type: 'USER_INITIATED', key: managedKey(cell, 'fsx') })
    plantBackup(cell, share, { type: 'AWS_BACKUP', key: managedKey(cell, 'fsx') })
    const lifecycle = soil.random.pick(noBackups)
    plantBackup(cell, share, { type: 'AUTOMATIC', key: managedKey(cell, 'fsx'), lifecycle })
    if (soil.random.chance(0.5)) plantScratch(cell)
    if (soil.random.chance(0.5)) plantNetApp(cell, soil)
    if (soil.story && soil.account === 'customer-data-prod') plantTraps(cell, share)
  },
})

function plantFileSystem(
  cell: Cell,
  type: FileSystemType,
  key: Key | undefined,
  name: string,
): FileSystem {
  const id = `fs-${cell.random.hex(17)}`
  const fileSystem: FileSystem = {
    OwnerId: cell.accountId,
    CreationTime: past(cell),
    FileSystemId: id,
    FileSystemType: type,
    Lifecycle: 'AVAILABLE',
    StorageCapacity: 1200,
    ResourceARN: arnOf(cell, 'fsx', `file-system/${id}`),
    Tags: [{ Key: 'Name', Value: name }],
    ...(key ? { KmsKeyId: key.arn } : {}),
  }
  if (type === 'WINDOWS') {
    fileSystem.WindowsConfiguration = {
      DeploymentType: 'MULTI_AZ_1',
      AutomaticBackupRetentionDays: 30,
    }
  }
  fsxOf(cell.state).fileSystems.push(fileSystem)
  return fileSystem
}

/** Scratch storage of Lustre names no key and has no backups. */
function plantScratch(cell: Cell): void {
  const scratch = plantFileSystem(cell, 'LUSTRE', undefined, 'scratch')
  scratch.LustreConfiguration = { DeploymentType: 'SCRATCH_2', AutomaticBackupRetentionDays: 0 }
}

/** Of ONTAP it is the volumes that are backed up. */
function plantNetApp(cell: Cell, { dataKey, random }: Soil): void {
  const netApp = plantFileSystem(cell, 'ONTAP', dataKey, 'netapp')
  netApp.OntapConfiguration = { DeploymentType: 'MULTI_AZ_1', AutomaticBackupRetentionDays: 7 }
  const volume = plantVolume(cell, netApp, 'ledger')
  plantVolume(cell, netApp, 'svm_root').OntapConfiguration = {
    OntapVolumeType: 'RW',
    StorageVirtualMachineRoot: true,
  }
  const key = random.chance(0.7) ? dataKey : managedKey(cell, 'fsx')
  plantBackup(cell, netApp, { type: 'AUTOMATIC', key, volume })
}

function plantVolume(cell: Cell, fileSystem: FileSystem, name: string): Volume {
  const id = `fsvol-${cell.random.hex(17)}`
  const volume: Volume = {
    CreationTime: past(cell),
    FileSystemId: fileSystem.FileSystemId,
    Lifecycle: 'CREATED',
    Name: name,
    OntapConfiguration: { OntapVolumeType: 'RW', StorageVirtualMachineRoot: false },
    ResourceARN: arnOf(cell, 'fsx', `volume/${fileSystem.FileSystemId}/${id}`),
    VolumeId: id,
    VolumeType: 'ONTAP',
  }
  fsxOf(cell.state).volumes.push(volume)
  return volume
}

interface BackupOptions {
  type: Backup['Type'] & string
  key: Key
  lifecycle?: Backup['Lifecycle'] & string
  volume?: Volume
  name?: string
  /** Copied from another Region. */
  copied?: boolean
}

function plantBackup(cell: Cell, fileSystem: FileSystem, options: BackupOptions): void {
  const { type, key, lifecycle = 'AVAILABLE', volume, name = 'nightly', copied = false } = options
  const id = `backup-${cell.random.hex(17)}`
  const arn = arnOf(cell, 'fsx', `backup/${id}`)
  fsxOf(cell.state).backups.push({
    BackupId: id,
    Lifecycle: lifecycle,
    Type: type,
    CreationTime: days(cell, -cell.random.int(1, 90)),
    KmsKeyId: key.arn,
    ResourceARN: arn,
    Tags: [{ Key: 'Name', Value: name }],
    FileSystem: fileSystem,
    OwnerId: cell.accountId,
    ResourceType: volume ? 'VOLUME' : 'FILE_SYSTEM',
    ...(volume ? { Volume: volume } : {}),
    ...(copied ? { SourceBackupId: `backup-${cell.random.hex(17)}` } : {}),
    ...(copied ? { SourceBackupRegion: 'us-west-2' } : {}),
  })
  if (type === 'AWS_BACKUP' || noBackups.some((one) => one === lifecycle)) return
  cell.ledger.expect(cell, 'fsx', CONTROL, key.approved, [arn, 'AwsFsxBackup'])
  cell.ledger.hang(cell, 'fsx', key)
}

/** Backups that are easily judged wrongly: under a dying key, a foreign one, copied, of a file system that is gone. */
function plantTraps(cell: Cell, share: FileSystem): void {
  const dying = plantKey(cell, 'pending-deletion', 'old-shares')
  plantBackup(cell, share, { type: 'USER_INITIATED', key: dying })
  plantBackup(cell, share, { type: 'USER_INITIATED', key: foreignKey(cell), copied: true })
  const gone: FileSystem = { ...share, FileSystemId: 'fs-0gone', KmsKeyId: foreignKey(cell).arn }
  for (const name of oddNames)
    plantBackup(cell, gone, {
      type: 'USER_INITIATED',
      key: dying,
      lifecycle: 'TRANSFERRING',
      name,
    })
}
