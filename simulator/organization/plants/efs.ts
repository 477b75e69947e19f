import type { LifeCycleState, ReplicationConfigurationDescription } from '@aws-sdk/client-efs'
import { efsState } from '../../operations/efs.ts'
import { arnOf, type Cell, days, type Key, past, verdict } from '../cell.ts'
import { managedKey } from '../keys.ts'
import { oddNames } from '../odd-names.ts'
import { definePlant } from '../plant.ts'
import { mountTargetsOnly } from '../store-policies.ts'

interface FileSystemOptions {
  name?: string
  key?: Key | undefined
  state?: LifeCycleState
  /** In one Availability Zone, without a backup policy. */
  oneZone?: boolean
  automaticBackups?: boolean
  /** It is the destination of a replication. */
  replicating?: boolean
}

export default definePlant({
  controls: { 'efs-file-systems-are-encrypted': ['elasticfilesystem'] },
  plant(planted, { workload, story, account, random, dataKey }) {
    if (!workload) return
    const cell = { ...planted, random }
    const source = plantFileSystem(cell, { name: 'shared-home', key: dataKey })
    if (random.chance(0.4)) plantFileSystem(cell, { name: 'scratch', oneZone: true })
    if (random.chance(0.3))
      plantFileSystem(cell, { key: managedKey(cell, 'elasticfilesystem'), automaticBackups: false })
    if (random.chance(0.2)) plantFileSystem(cell, { name: 'old', state: 'deleting' })
    if (random.chance(0.2)) plantFileSystem(cell, { name: 'new', state: 'creating', key: dataKey })
    if (!story) return
    if (account === 'customer-data-prod') plantReplica(cell, source)
    if (account === 'sandbox-ml') for (const name of oddNames) plantFileSystem(cell, { name })
  },
})

function plantFileSystem(cell: Cell, options: FileSystemOptions): string {
  const { name, key, state = 'available', oneZone = false, replicating = false } = options
  const { automaticBackups = true } = options
  const id = `fs-${cell.random.hex(17)}`
  const arn = arnOf(cell, 'elasticfilesystem', `file-system/${id}`)
  const zone = { AvailabilityZoneName: `${cell.region}a`, AvailabilityZoneId: 'use1-az1' }
  efsState(cell.state).fileSystems.push({
    fileSystem: {
      OwnerId: cell.accountId,
      CreationToken: cell.random.uuid(),
      FileSystemId: id,
      FileSystemArn: arn,
      CreationTime: past(cell),
      LifeCycleState: state,
      ...(name ? { Name: name } : {}),
      NumberOfMountTargets: 3,
      SizeInBytes: { Value: cell.random.int(6144, 4_000_000_000_000), Timestamp: days(cell, -0.1) },
      PerformanceMode: 'generalPurpose',
      ThroughputMode: 'elastic',
      Encrypted: key !== undefined,
      ...(key ? { KmsKeyId: key.arn } : {}),
      ...(oneZone ? zone : {}),
      Tags: name ? [{ Key: 'Name', Value: name }] : [],
      FileSystemProtection: {
        ReplicationOverwriteProtection: replicating ? 'REPLICATING' : 'ENABLED',
      },
    },
    ...(key ? { policy: mountTargetsOnly(arn) } : {}),
    ...(oneZone ? {} : { backupPolicy: { Status: automaticBackups ? 'ENABLED' : 'DISABLED' } }),
  })
  if (state === 'deleting') return arn
  const resource = [arn, 'AwsEfsFileSystem'] as const
  const control = 'efs-file-systems-are-encrypted'
  cell.ledger.expect(cell, 'elasticfilesystem', control, verdict(key !== undefined), resource)
  return arn
}

/** A replica within the Region. It is a file system of its own, and judged as one. */
function plantReplica(cell: Cell, source: string): void {
  const key = managedKey(cell, 'elasticfilesystem')
  const replica = plantFileSystem(cell, { name: 'shared-home (replica)', key, replicating: true })
  const replication: ReplicationConfigurationDescription = {
    SourceFileSystemId: source.split('/')[1],
    SourceFileSystemArn: source,
    SourceFileSystemRegion: cell.region,
    SourceFileSystemOwnerId: cell.accountId,
    OriginalSourceFileSystemArn: source,
    CreationTime: past(cell),
    Destinations: [
      {
        Status: 'ENABLED',
        FileSystemId: replica.split('/')[1],
        Region: cell.region,
        OwnerId: cell.accountId,
        LastReplicatedTimestamp: days(cell, -0.01),
      },
    ],
  }
  efsState(cell.state).replications.push(replication)
}
