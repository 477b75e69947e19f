import {
  DescribeBackupPolicyCommand,
  DescribeFileSystemPolicyCommand,
  DescribeFileSystemsCommand,
  DescribeReplicationConfigurationsCommand,
  type Destination,
  EFSClient,
  type FileSystemDescription,
  type ReplicationConfigurationDescription,
} from '@aws-sdk/client-efs'
import type { Cell, Item } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { bigint, boolean, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { keyArn, tagsJson } from './normalize.ts'

const tables = {
  efs_file_systems: defineTable('EFS file systems, one row each.', {
    arn: string('ARN of the file system.'),
    id: string('Id of the file system.'),
    name: string('Value of its tag `Name`.'),
    state: string('`creating`, `available`, `updating`, `deleting`, `deleted` or `error`.'),
    created_at: timestamp('When it was created.'),
    size_bytes: bigint('Latest metered size of its data, in all storage classes.'),
    availability_zone: string('Availability Zone of a One Zone file system.'),
    encrypted: boolean('Whether it is encrypted at rest; that is settled when it is made.'),
    kms_key_arn: string('KMS key of an encrypted file system.'),
    replication_overwrite_protection: string(
      '`ENABLED`, `DISABLED`, or `REPLICATING` for the destination of a replication.',
    ),
    tags: string('Tags as a JSON object.'),
  }),
  efs_backup_policies: defineTable(
    'Whether EFS has AWS Backup back the file system up by itself, one row each.',
    {
      file_system_arn: string('ARN of the file system.'),
      status: string('`ENABLED`, `ENABLING`, `DISABLED` or `DISABLING`; none where there is none.'),
      automatic_backups: boolean('Whether automatic backups are on, or being turned on.'),
    },
  ),
  efs_file_system_policies: defineTable(
    'Policies of EFS file systems; one without a policy lets in every client of its network, and has no row.',
    {
      file_system_arn: string('ARN of the file system.'),
      policy: string('The policy document as stored.'),
    },
  ),
  efs_replications: defineTable(
    'Replications of EFS file systems, one row for each destination. A replication within an account is named in both Regions.',
    {
      source_arn: string('ARN of the file system that is replicated.'),
      source_account_id: string('Account of that file system.'),
      source_region: string('Region of that file system.'),
      original_source_arn: string('ARN of the file system that was first replicated.'),
      destination_arn: string('ARN of the destination; none where AWS does not say its account.'),
      destination_id: string('Id of the destination.'),
      destination_account_id: string('Account of the destination.'),
      destination_region: string('Region of the destination.'),
      status: string('`ENABLED`, `ENABLING`, `DELETING`, `ERROR`, `PAUSED` or `PAUSING`.'),
      status_message: string('What AWS says of a replication that is paused or failed.'),
      last_replicated_at: timestamp('Changes before this moment are at the destination.'),
      created_at: timestamp('When the replication was created.'),
    },
  ),
}

type EfsCell = Cell<typeof tables>

interface ListedFileSystem extends Item {
  id: string | undefined
}

/** Facts of a file system that are read by a call each: one that is refused does not take the other along. */
const FACTS = ['efs_backup_policies', 'efs_file_system_policies'] as const

/** The service always pages by 100. */
const MARKER = { request: 'Marker', response: 'NextMarker' }

export default defineCollector({
  service: 'efs',
  scope: 'cell',
  actions: [
    'elasticfilesystem:DescribeBackupPolicy',
    'elasticfilesystem:DescribeFileSystemPolicy',
    'elasticfilesystem:DescribeFileSystems',
    'elasticfilesystem:DescribeReplicationConfigurations',
  ],
  tables,
  async collect(cell) {
    await readFileSystems(cell)
  },
})

/** Where there is no file system, none is replicated, to or from: that list is spared. */
async function readFileSystems(cell: EfsCell): Promise<void> {
  const found: ListedFileSystem[] = []
  let replications: Promise<void> | undefined
  let listed = false
  await cell.read(['efs_file_systems', ...FACTS], async () => {
    for await (const page of cell.pages(EFSClient, DescribeFileSystemsCommand, {}, MARKER)) {
      if (page.FileSystems?.length) replications ??= readReplications(cell)
      for (const fileSystem of page.FileSystems ?? []) {
        await putFileSystem(cell, fileSystem)
        const { FileSystemArn: arn, FileSystemId: id } = fileSystem
        if (arn) found.push({ arn, id })
      }
    }
    listed = true
  })
  if (!listed) replications ??= readReplications(cell)
  await cell.perItem([...FACTS], found, async (item) => {
    await Promise.all([
      cell.read('efs_backup_policies', () => readBackupPolicy(cell, item), item),
      cell.read('efs_file_system_policies', () => readPolicy(cell, item), item),
    ])
  })
  await replications
}

async function putFileSystem(cell: EfsCell, fileSystem: FileSystemDescription): Promise<void> {
  await cell.put('efs_file_systems', {
    arn: fileSystem.FileSystemArn,
    id: fileSystem.FileSystemId,
    name: fileSystem.Name,
    state: fileSystem.LifeCycleState,
    created_at: fileSystem.CreationTime,
    size_bytes: fileSystem.SizeInBytes?.Value,
    availability_zone: fileSystem.AvailabilityZoneName,
    encrypted: fileSystem.Encrypted,
    kms_key_arn: keyArn(fileSystem.KmsKeyId, cell),
    replication_overwrite_protection:
      fileSystem.FileSystemProtection?.ReplicationOverwriteProtection,
    tags: tagsJson(fileSystem.Tags),
  })
}

/** A One Zone file system may have no policy at all: then nothing is backed up. One that was deleted meanwhile has no row. */
async function readBackupPolicy(cell: EfsCell, { arn, id }: ListedFileSystem): Promise<void> {
  const read = async () => {
    const command = new DescribeBackupPolicyCommand({ FileSystemId: id })
    const answer = await absentIf(['PolicyNotFound'], () => cell.call(EFSClient, command))
    const status = answer?.BackupPolicy?.Status
    const on = status === 'ENABLED' || status === 'ENABLING'
    // An answer that leaves the status out says nothing; only the error says that there is no policy.
    const automatic_backups = answer && status === undefined ? undefined : on
    await cell.put('efs_backup_policies', { file_system_arn: arn, status, automatic_backups })
  }
  await absentIf(['FileSystemNotFound'], read)
}

async function readPolicy(cell: EfsCell, { arn, id }: ListedFileSystem): Promise<void> {
  const command = new DescribeFileSystemPolicyCommand({ FileSystemId: id })
  const answer = await absentIf(['PolicyNotFound', 'FileSystemNotFound'], () =>
    cell.call(EFSClient, command),
  )
  if (!answer) return
  const policy = told(answer, 'Policy')
  await cell.put('efs_file_system_policies', { file_system_arn: arn, policy })
}

/** Without an id all of the Region are listed. */
async function readReplications(cell: EfsCell): Promise<void> {
  const list = async () => {
    const page = { MaxResults: 100 }
    const command = DescribeReplicationConfigurationsCommand
    for await (const { Replications } of cell.pages(EFSClient, command, page)) {
      for (const replication of Replications ?? []) {
        for (const destination of replication.Destinations ?? []) {
          await putReplication(cell, replication, destination)
        }
      }
    }
  }
  await cell.read('efs_replications', async () => {
    await absentIf(['ReplicationNotFound'], list)
  })
}

async function putReplication(
  cell: EfsCell,
  replication: ReplicationConfigurationDescription,
  destination: Destination,
): Promise<void> {
  const { FileSystemId: id, Region: region, OwnerId: accountId } = destination
  await cell.put('efs_replications', {
    source_arn: replication.SourceFileSystemArn,
    source_account_id: replication.SourceFileSystemOwnerId,
    source_region: replication.SourceFileSystemRegion,
    original_source_arn: replication.OriginalSourceFileSystemArn,
    destination_arn:
      id && region && accountId
        ? `arn:${cell.partition}:elasticfilesystem:${region}:${accountId}:file-system/${id}`
        : undefined,
    destination_id: id,
    destination_account_id: accountId,
    destination_region: region,
    status: destination.Status,
    status_message: destination.StatusMessage,
    last_replicated_at: destination.LastReplicatedTimestamp,
    created_at: replication.CreationTime,
  })
}
