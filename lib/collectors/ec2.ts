import {
  DescribeLockedSnapshotsCommand,
  DescribeSnapshotAttributeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  GetEbsDefaultKmsKeyIdCommand,
  GetEbsEncryptionByDefaultCommand,
  GetSnapshotBlockPublicAccessStateCommand,
  type Snapshot,
  type Volume,
} from '@aws-sdk/client-ec2'
import type { Cell } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { bigint, boolean, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { ebsSnapshotArn, hasTag, keyArn, tagsJson } from './normalize.ts'

const tables = {
  ebs_snapshots: defineTable('EBS snapshots owned by the account, one row each.', {
    arn: string('ARN of the snapshot: `arn:aws:ec2:<region>::snapshot/<id>`.'),
    snapshot_id: string('Id of the snapshot.'),
    volume_id: string('Volume it was made of; arbitrary on copies.'),
    description: string('Description.'),
    encrypted: boolean('Whether it is encrypted.'),
    kms_key_arn: string('KMS key it is encrypted with.'),
    state: string('`pending`, `completed`, `error`, `recoverable` or `recovering`.'),
    storage_tier: string('`standard` or `archive`.'),
    started_at: timestamp('When it was started.'),
    size_gib: bigint('Size of the volume in GiB.'),
    made_by_aws_backup: boolean(
      'Whether AWS Backup made it: it is then judged as a recovery point.',
    ),
    tags: string('Tags as a JSON object.'),
  }),
  ebs_public_snapshots: defineTable(
    'EBS snapshots of the account that anyone can restore, one row each.',
    {
      arn: string('ARN of the snapshot.'),
      snapshot_id: string('Id of the snapshot.'),
    },
  ),
  ebs_snapshot_shares: defineTable(
    'Who else may make volumes of EBS snapshots of the account, one row per snapshot and account.',
    {
      snapshot_arn: string('ARN of the snapshot.'),
      snapshot_id: string('Id of the snapshot.'),
      shared_with_account_id: string(
        'Account that it is shared with; `all`: everybody, though `block-all-sharing` may keep that from taking effect.',
      ),
    },
  ),
  ebs_locked_snapshots: defineTable('EBS snapshots under a snapshot lock, one row each.', {
    arn: string('ARN of the snapshot.'),
    snapshot_id: string('Id of the snapshot.'),
    lock_state: string('`compliance`, `governance`, `compliance-cooloff` or `expired`.'),
    lock_expires_at: timestamp('When the lock ends.'),
    cool_off_expires_at: timestamp('When the cooling-off period ends.'),
  }),
  ebs_volumes: defineTable('EBS volumes, one row each.', {
    arn: string('ARN of the volume.'),
    volume_id: string('Id of the volume.'),
    encrypted: boolean('Whether it is encrypted.'),
    kms_key_arn: string('KMS key it is encrypted with.'),
    state: string('`creating`, `available`, `in-use`, `deleting`, `deleted` or `error`.'),
    snapshot_id: string('Snapshot it was made from.'),
    instance_id: string('Instance it is attached to.'),
    created_at: timestamp('When it was created.'),
    size_gib: bigint('Size in GiB.'),
    volume_type: string('Type, such as `gp3`.'),
    managed_by: string(
      'Service that manages it for its owner (`Operator`); none: the account itself.',
    ),
    drs_staging: boolean('Whether it is a staging disk of Elastic Disaster Recovery.'),
    tags: string('Tags as a JSON object.'),
  }),
  ebs_settings: defineTable('EBS settings of the Region that concern encryption, one row.', {
    encryption_by_default: boolean(
      'Whether new volumes and snapshot copies are encrypted by default.',
    ),
    default_kms_key_id: string('Default key: its ARN, or its alias where AWS reports that.'),
  }),
  snapshot_public_access: defineTable(
    'Whether public sharing of EBS snapshots is blocked, one row.',
    {
      state: string('`block-all-sharing`, `block-new-sharing` or `unblocked`.'),
      managed_by: string('`account` or `declarative-policy`.'),
    },
  ),
}

type Ec2Cell = Cell<typeof tables>

/** The largest page; without `MaxResults` EC2 counts the call against a smaller request bucket. */
const PAGE = { MaxResults: 1000 }

export default defineCollector({
  service: 'ec2',
  scope: 'cell',
  actions: [
    'ec2:DescribeLockedSnapshots',
    'ec2:DescribeSnapshotAttribute',
    'ec2:DescribeSnapshots',
    'ec2:DescribeVolumes',
    'ec2:GetEbsDefaultKmsKeyId',
    'ec2:GetEbsEncryptionByDefault',
    'ec2:GetSnapshotBlockPublicAccessState',
  ],
  tables,
  async collect(cell) {
    await Promise.all([
      readSnapshots(cell),
      readVolumes(cell),
      readEbsSettings(cell),
      readPublicAccess(cell),
    ])
  },
})

/**
 * Where there is no snapshot, none is public or locked: those lists are spared. What the list has answered is asked about its
 * shares, also where a later page fails.
 */
async function readSnapshots(cell: Ec2Cell): Promise<void> {
  const snapshots: ListedSnapshot[] = []
  const others: Promise<void>[] = []
  const readOthers = () => {
    if (others.length === 0) others.push(readPublicSnapshots(cell), readLockedSnapshots(cell))
  }
  let listed = false
  await cell.read(['ebs_snapshots', 'ebs_snapshot_shares'], async () => {
    const input = { ...PAGE, OwnerIds: ['self'] }
    for await (const page of cell.pages(EC2Client, DescribeSnapshotsCommand, input)) {
      if (page.Snapshots?.length) readOthers()
      for (const snapshot of page.Snapshots ?? []) {
        await putSnapshot(cell, snapshot)
        const { SnapshotId: id } = snapshot
        const arn = ebsSnapshotArn(cell, id)
        await cell.read('ebs_snapshot_shares', async () => void told(snapshot, 'SnapshotId'))
        if (id && arn) snapshots.push({ arn, id })
      }
    }
    listed = true
  })
  if (!listed) readOthers()
  await Promise.all([...others, readShares(cell, snapshots)])
}

interface ListedSnapshot {
  arn: string
  id: string
}

/**
 * Whom a snapshot is shared with only its own attribute tells: the filtered listing finds accounts that one knows of, and with
 * `block-all-sharing` nothing that is public. Snapshots under the AWS managed key cannot be shared, but nothing that EC2 answers
 * tells that key from a customer's, so none is spared.
 */
async function readShares(cell: Ec2Cell, snapshots: ListedSnapshot[]): Promise<void> {
  await cell.perItem('ebs_snapshot_shares', snapshots, async ({ arn, id }) => {
    const command = new DescribeSnapshotAttributeCommand({
      SnapshotId: id,
      Attribute: 'createVolumePermission',
    })
    // Deleted since it was listed.
    const answer = await absentIf(['InvalidSnapshot.NotFound'], () => cell.call(EC2Client, command))
    const permissions = answer?.CreateVolumePermissions ?? []
    // All of them, or none: some would pass for all.
    const holders = permissions.map((one) => one.UserId ?? told(one, 'Group'))
    for (const shared_with_account_id of holders) {
      await cell.put('ebs_snapshot_shares', {
        snapshot_arn: arn,
        snapshot_id: id,
        shared_with_account_id,
      })
    }
  })
}

async function putSnapshot(cell: Ec2Cell, snapshot: Snapshot): Promise<void> {
  await cell.put('ebs_snapshots', {
    arn: ebsSnapshotArn(cell, snapshot.SnapshotId),
    snapshot_id: snapshot.SnapshotId,
    volume_id: snapshot.VolumeId,
    description: snapshot.Description,
    encrypted: snapshot.Encrypted,
    kms_key_arn: keyArn(snapshot.KmsKeyId, cell),
    state: snapshot.State,
    storage_tier: snapshot.StorageTier,
    started_at: snapshot.StartTime,
    size_gib: snapshot.VolumeSize,
    made_by_aws_backup: hasTag(snapshot, 'aws:backup:source-resource'),
    tags: tagsJson(snapshot.Tags),
  })
}

/** Every own snapshot that anyone can restore comes in one filtered listing: no attribute call for each snapshot. */
async function readPublicSnapshots(cell: Ec2Cell): Promise<void> {
  await cell.read('ebs_public_snapshots', async () => {
    const input = { ...PAGE, OwnerIds: ['self'], RestorableByUserIds: ['all'] }
    for await (const page of cell.pages(EC2Client, DescribeSnapshotsCommand, input)) {
      for (const snapshot of page.Snapshots ?? []) {
        await cell.put('ebs_public_snapshots', {
          arn: ebsSnapshotArn(cell, snapshot.SnapshotId),
          snapshot_id: snapshot.SnapshotId,
        })
      }
    }
  })
}

async function readLockedSnapshots(cell: Ec2Cell): Promise<void> {
  await cell.read('ebs_locked_snapshots', async () => {
    for await (const page of cell.pages(EC2Client, DescribeLockedSnapshotsCommand, PAGE)) {
      for (const lock of page.Snapshots ?? []) {
        await cell.put('ebs_locked_snapshots', {
          arn: ebsSnapshotArn(cell, lock.SnapshotId),
          snapshot_id: lock.SnapshotId,
          lock_state: lock.LockState,
          lock_expires_at: lock.LockExpiresOn,
          cool_off_expires_at: lock.CoolOffPeriodExpiresOn,
        })
      }
    }
  })
}

async function readVolumes(cell: Ec2Cell): Promise<void> {
  await cell.read('ebs_volumes', async () => {
    for await (const page of cell.pages(EC2Client, DescribeVolumesCommand, PAGE)) {
      for (const volume of page.Volumes ?? []) await putVolume(cell, volume)
    }
  })
}

function volumeArn({ partition, region, accountId }: Ec2Cell, id: string | undefined) {
  return id && `arn:${partition}:ec2:${region}:${accountId}:volume/${id}`
}

async function putVolume(cell: Ec2Cell, volume: Volume): Promise<void> {
  await cell.put('ebs_volumes', {
    arn: volumeArn(cell, volume.VolumeId),
    volume_id: volume.VolumeId,
    encrypted: volume.Encrypted,
    kms_key_arn: keyArn(volume.KmsKeyId, cell),
    state: volume.State,
    snapshot_id: volume.SnapshotId,
    instance_id: volume.Attachments?.[0]?.InstanceId,
    created_at: volume.CreateTime,
    size_gib: volume.Size,
    volume_type: volume.VolumeType,
    managed_by: volume.Operator?.Managed ? (volume.Operator.Principal ?? 'a service') : undefined,
    drs_staging: hasTag(volume, 'AWSElasticDisasterRecoveryManaged'),
    tags: tagsJson(volume.Tags),
  })
}

/** Two reads: where the default key is refused, the switch is still judged. */
async function readEbsSettings(cell: Ec2Cell): Promise<void> {
  let key: string | undefined
  const readingKey = cell.read('ebs_settings', async () => {
    const answer = await cell.call(EC2Client, new GetEbsDefaultKmsKeyIdCommand({}))
    key = keyArn(answer.KmsKeyId, cell)
  })
  const readingSwitch = cell.read('ebs_settings', async () => {
    const answer = await cell.call(EC2Client, new GetEbsEncryptionByDefaultCommand({}))
    await readingKey
    await cell.put('ebs_settings', {
      encryption_by_default: answer.EbsEncryptionByDefault,
      default_kms_key_id: key,
    })
  })
  await Promise.all([readingKey, readingSwitch])
}

async function readPublicAccess(cell: Ec2Cell): Promise<void> {
  await cell.read('snapshot_public_access', async () => {
    const answer = await cell.call(EC2Client, new GetSnapshotBlockPublicAccessStateCommand({}))
    await cell.put('snapshot_public_access', { state: answer.State, managed_by: answer.ManagedBy })
  })
}
