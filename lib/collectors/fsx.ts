import {
  type Backup,
  DescribeBackupsCommand,
  DescribeFileSystemsCommand,
  DescribeVolumesCommand,
  type FileSystem,
  FSxClient,
  type Volume,
} from '@aws-sdk/client-fsx'
import type { Cell } from '../collect/cell.ts'
import { boolean, defineTable, int, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { keyArn, tagsJson } from './normalize.ts'

const tables = {
  fsx_file_systems: defineTable('FSx file systems, one row each.', {
    arn: string('ARN of the file system.'),
    id: string('Id, such as `fs-…`.'),
    type: string('`WINDOWS`, `LUSTRE`, `ONTAP` or `OPENZFS`.'),
    deployment_type: string(
      'Deployment type; the storage of scratch file systems of Lustre is encrypted under a key of the service.',
    ),
    lifecycle: string('`AVAILABLE`, `CREATING`, `DELETING`, `FAILED`, `MISCONFIGURED` …'),
    kms_key_arn: string('KMS key of its storage; none where the service’s own key is used.'),
    automatic_backup_retention_days: int('Days that automatic backups are kept; 0: off.'),
    created_at: timestamp('When it was created.'),
    tags: string('Tags as a JSON object.'),
  }),
  fsx_volumes: defineTable('Volumes of FSx for ONTAP and for OpenZFS, one row each.', {
    arn: string('ARN of the volume.'),
    id: string('Id, such as `fsvol-…`.'),
    name: string('Name of the volume.'),
    type: string('`ONTAP` or `OPENZFS`.'),
    file_system_id: string('File system that it is on, whose key encrypts it.'),
    lifecycle: string('`AVAILABLE`, `CREATED`, `CREATING`, `DELETING`, `FAILED` …'),
    ontap_volume_type: string('`RW`, `DP` or `LS`; only `RW` volumes can be backed up.'),
    is_root: boolean('Whether it is the root volume of a storage virtual machine.'),
    created_at: timestamp('When it was created.'),
    tags: string('Tags as a JSON object.'),
  }),
  fsx_backups: defineTable('Backups of FSx file systems and volumes, one row each.', {
    arn: string('ARN of the backup.'),
    id: string('Id, such as `backup-…`.'),
    type: string('`AUTOMATIC`, `USER_INITIATED` or `AWS_BACKUP`.'),
    made_by_aws_backup: boolean(
      'Whether AWS Backup made it: it is then judged as a recovery point.',
    ),
    lifecycle: string('`AVAILABLE`, `CREATING`, `TRANSFERRING`, `COPYING`, `DELETED`, `FAILED` …'),
    kms_key_arn: string('KMS key it is encrypted with.'),
    resource_type: string('`FILE_SYSTEM` or `VOLUME`: what it is a backup of.'),
    source_arn: string('ARN of the file system or volume it is a backup of.'),
    file_system_type: string('`WINDOWS`, `LUSTRE`, `ONTAP` or `OPENZFS`.'),
    owner_account_id: string('Account that owns it.'),
    source_backup_id: string('Backup that it is a copy of, if any.'),
    source_backup_region: string('Region of the backup that it is a copy of, if any.'),
    created_at: timestamp('When it was created.'),
    tags: string('Tags as a JSON object.'),
  }),
}

type FsxCell = Cell<typeof tables>

export default defineCollector({
  service: 'fsx',
  scope: 'cell',
  actions: ['fsx:DescribeBackups', 'fsx:DescribeFileSystems', 'fsx:DescribeVolumes'],
  tables,
  async collect(cell) {
    await Promise.all([readFileSystems(cell), readBackups(cell)])
  },
})

/** Only file systems of ONTAP and OpenZFS have volumes: a cell without one is spared the call. */
async function readFileSystems(cell: FsxCell): Promise<void> {
  let withVolumes = false
  await cell.read(['fsx_file_systems', 'fsx_volumes'], async () => {
    for await (const page of cell.pages(FSxClient, DescribeFileSystemsCommand, {})) {
      for (const fileSystem of page.FileSystems ?? []) {
        withVolumes ||= ['ONTAP', 'OPENZFS'].includes(fileSystem.FileSystemType ?? '')
        await putFileSystem(cell, fileSystem)
      }
    }
  })
  if (withVolumes) await readVolumes(cell)
}

async function putFileSystem(cell: FsxCell, fileSystem: FileSystem): Promise<void> {
  const own =
    fileSystem.WindowsConfiguration ??
    fileSystem.LustreConfiguration ??
    fileSystem.OntapConfiguration ??
    fileSystem.OpenZFSConfiguration
  await cell.put('fsx_file_systems', {
    arn: fileSystem.ResourceARN,
    id: fileSystem.FileSystemId,
    type: fileSystem.FileSystemType,
    deployment_type: own?.DeploymentType,
    lifecycle: fileSystem.Lifecycle,
    kms_key_arn: keyArn(fileSystem.KmsKeyId, cell),
    automatic_backup_retention_days: own?.AutomaticBackupRetentionDays,
    created_at: fileSystem.CreationTime,
    tags: tagsJson(fileSystem.Tags),
  })
}

async function readVolumes(cell: FsxCell): Promise<void> {
  await cell.read('fsx_volumes', async () => {
    for await (const page of cell.pages(FSxClient, DescribeVolumesCommand, {})) {
      for (const volume of page.Volumes ?? []) await putVolume(cell, volume)
    }
  })
}

async function putVolume(cell: FsxCell, volume: Volume): Promise<void> {
  await cell.put('fsx_volumes', {
    arn: volume.ResourceARN,
    id: volume.VolumeId,
    name: volume.Name,
    type: volume.VolumeType,
    file_system_id: volume.FileSystemId,
    lifecycle: volume.Lifecycle,
    ontap_volume_type: volume.OntapConfiguration?.OntapVolumeType,
    is_root: volume.OntapConfiguration?.StorageVirtualMachineRoot,
    created_at: volume.CreationTime,
    tags: tagsJson(volume.Tags),
  })
}

async function readBackups(cell: FsxCell): Promise<void> {
  await cell.read('fsx_backups', async () => {
    for await (const page of cell.pages(FSxClient, DescribeBackupsCommand, {})) {
      for (const backup of page.Backups ?? []) await putBackup(cell, backup)
    }
  })
}

/** What a backup says of its file system is what it was at the time: its own key counts. */
async function putBackup(cell: FsxCell, backup: Backup): Promise<void> {
  await cell.put('fsx_backups', {
    arn: backup.ResourceARN,
    id: backup.BackupId,
    type: backup.Type,
    made_by_aws_backup: backup.Type === undefined ? undefined : backup.Type === 'AWS_BACKUP',
    lifecycle: backup.Lifecycle,
    kms_key_arn: keyArn(backup.KmsKeyId, cell),
    resource_type: backup.ResourceType,
    source_arn: backup.Volume?.ResourceARN ?? backup.FileSystem?.ResourceARN,
    file_system_type: backup.FileSystem?.FileSystemType,
    owner_account_id: backup.OwnerId,
    source_backup_id: backup.SourceBackupId,
    source_backup_region: backup.SourceBackupRegion,
    created_at: backup.CreationTime,
    tags: tagsJson(backup.Tags),
  })
}
