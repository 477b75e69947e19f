import { type CallSample, envelopeOf, ID, type Place, type Sample } from './samples.ts'

/** Something that somebody should hear of. */
export interface EventKind {
  name: string
  /** What happens to: a vault, whose name and ARN its events carry, or the account in a Region. */
  of: 'vault' | 'cell'
  /** The events that tell of it. */
  events: Sample[]
}

const point = ({ partition, region, accountId }: Place) =>
  `arn:${partition}:backup:${region}:${accountId}:recovery-point:${ID}`

const vaultArn = ({ vault }: Place) => vault?.arn ?? ''
const vaultName = ({ vault }: Place) => vault?.name ?? ''

function backupCall(operation: string, request: CallSample['request'] = () => ({})): CallSample {
  const backupVaultName = (place: Place) => ({ backupVaultName: vaultName(place) })
  const both = (place: Place) => ({ ...backupVaultName(place), ...request(place) })
  return { channel: 'cloudtrail', source: 'backup', operation, request: both }
}

function job(place: Place) {
  const { partition, region, accountId, asOf } = place
  return {
    backupSizeInBytes: 0,
    creationDate: asOf.toISOString(),
    completionDate: asOf.toISOString(),
    iamRoleArn: `arn:${partition}:iam::${accountId}:role/service-role/AWSBackupDefaultServiceRole`,
    resourceArn: `arn:${partition}:ec2:${region}:${accountId}:volume/vol-00000000000000000`,
    resourceType: 'EBS',
    state: 'FAILED',
    statusMessage: 'Access denied',
  }
}

/**
 * The kinds of event, each with every event that is documented to tell of it. Sources: AWS Backup developer guide, "Monitoring AWS Backup
 * events using Amazon EventBridge"; EventBridge events reference; the operations' API references.
 */
export const eventKinds: readonly EventKind[] = [
  {
    name: 'backup_job_failed',
    of: 'vault',
    events: [
      {
        channel: 'service',
        source: 'aws.backup',
        type: 'Backup Job State Change',
        resource: point,
        detail: (place) => ({
          ...job(place),
          backupJobId: ID,
          backupVaultArn: vaultArn(place),
          backupVaultName: vaultName(place),
          bytesTransferred: '0',
          startBy: place.asOf.toISOString(),
          percentDone: 0,
        }),
      },
    ],
  },
  {
    name: 'copy_job_failed',
    of: 'vault',
    events: [
      {
        channel: 'service',
        source: 'aws.backup',
        type: 'Copy Job State Change',
        resource: point,
        detail: (place) => ({
          ...job(place),
          copyJobId: ID,
          sourceBackupVaultArn: vaultArn(place),
          destinationBackupVaultArn: vaultArn(place),
          destinationRecoveryPointArn: {},
        }),
      },
    ],
  },
  {
    name: 'recovery_point_modified',
    of: 'vault',
    // No event that the service sends is documented to tell of another lifecycle.
    events: [
      backupCall('UpdateRecoveryPointLifecycle', (place) => ({ recoveryPointArn: point(place) })),
    ],
  },
  {
    name: 'recovery_point_deleted',
    of: 'vault',
    events: [
      {
        channel: 'service',
        source: 'aws.backup',
        type: 'Recovery Point State Change',
        resource: point,
        detail: (place) => {
          const { creationDate, completionDate, iamRoleArn, resourceArn, resourceType } = job(place)
          return {
            backupVaultName: vaultName(place),
            backupVaultArn: vaultArn(place),
            ...{ creationDate, completionDate, iamRoleArn, resourceArn, resourceType },
            status: 'DELETING',
            isEncrypted: 'true',
            storageClass: 'WARM',
          }
        },
      },
      backupCall('DeleteRecoveryPoint', (place) => ({ recoveryPointArn: point(place) })),
    ],
  },
  {
    name: 'vault_lock_removed',
    of: 'vault',
    events: [
      {
        channel: 'service',
        source: 'aws.backup',
        type: 'Backup Vault State Change',
        resource: vaultArn,
        detail: (place) => ({
          backupVaultName: vaultName(place),
          state: 'MODIFIED',
          isLocked: 'false',
        }),
      },
      backupCall('DeleteBackupVaultLockConfiguration'),
    ],
  },
  {
    name: 'vault_policy_replaced',
    of: 'vault',
    events: [backupCall('PutBackupVaultAccessPolicy', () => ({ policy: '{}' }))],
  },
  {
    name: 'vault_policy_removed',
    of: 'vault',
    events: [backupCall('DeleteBackupVaultAccessPolicy')],
  },
  {
    name: 'key_deletion_scheduled',
    of: 'cell',
    events: [
      {
        channel: 'cloudtrail',
        source: 'kms',
        operation: 'ScheduleKeyDeletion',
        request: () => ({ keyId: ID, pendingWindowInDays: 7 }),
      },
    ],
  },
  {
    name: 'snapshot_deleted',
    of: 'cell',
    events: [
      {
        channel: 'cloudtrail',
        source: 'ec2',
        operation: 'DeleteSnapshot',
        request: () => ({ snapshotId: 'snap-00000000000000000', force: false }),
      },
    ],
  },
  {
    name: 'trail_stopped',
    of: 'cell',
    events: [
      {
        channel: 'cloudtrail',
        source: 'cloudtrail',
        operation: 'StopLogging',
        request: ({ partition, region, accountId }) => ({
          name: `arn:${partition}:cloudtrail:${region}:${accountId}:trail/${ID}`,
        }),
      },
    ],
  },
]

/** The source and type of every event that is asked about, each once. */
export const envelopes: readonly { source: string; type: string }[] = [
  ...new Map(
    eventKinds
      .flatMap(({ events }) => events.map(envelopeOf))
      .map((envelope) => [`${envelope.source} ${envelope.type}`, envelope]),
  ).values(),
]
