import type { Image, Tag, Volume } from '@aws-sdk/client-ec2'
import { accountResource, arnOf, type Cell, days, type Key, past, verdict } from './cell.ts'

/** What is special about an EBS snapshot. */
export interface SnapshotOptions {
  /** undefined: not encrypted. */
  key?: Key | undefined
  name?: string
  description?: string
  isPublic?: boolean
  /** AWS Backup made it: it is judged as a recovery point. */
  byBackup?: boolean
  lock?: 'compliance' | 'governance' | 'compliance-cooloff'
  archived?: boolean
}

/** Plants an EBS snapshot and returns its ARN. */
export function plantSnapshot(cell: Cell, options: SnapshotOptions = {}): string {
  const { key, name, isPublic = false, byBackup = false, lock } = options
  const id = `snap-${cell.random.hex(17)}`
  const volume = `vol-${cell.random.hex(17)}`
  const tags: Tag[] = name ? [{ Key: 'Name', Value: name }] : []
  if (byBackup)
    tags.push({
      Key: 'aws:backup:source-resource',
      Value: `${arnOf(cell, 'ec2', `volume/${volume}`)}:${cell.random.uuid()}`,
    })
  const said = options.description ?? 'nightly by ops'
  cell.state.ec2.snapshots.push({
    SnapshotId: id,
    VolumeId: volume,
    OwnerId: cell.accountId,
    Description: byBackup ? 'This snapshot is created by the AWS Backup service.' : said,
    State: 'completed',
    Progress: '100%',
    StartTime: past(cell),
    VolumeSize: cell.random.int(8, 500),
    Encrypted: key !== undefined,
    ...(key ? { KmsKeyId: key.arn } : {}),
    StorageTier: options.archived ? 'archive' : 'standard',
    Tags: tags,
  })
  if (isPublic) cell.state.ec2.publicSnapshotIds.add(id)
  if (lock) plantSnapshotLock(cell, id, lock)
  const arn = `arn:aws:ec2:${cell.region}::snapshot/${id}`
  const resource = [arn, 'AwsEc2Snapshot'] as const
  cell.ledger.expect(cell, 'ec2', 'ebs-snapshots-are-not-public', verdict(!isPublic), resource)
  if (byBackup) return arn
  cell.ledger.expect(cell, 'ec2', 'ebs-snapshots-are-encrypted', verdict(!!key), resource)
  if (key) cell.ledger.hang(cell, 'ec2', key)
  return arn
}

function plantSnapshotLock(
  cell: Cell,
  SnapshotId: string,
  LockState: NonNullable<SnapshotOptions['lock']>,
): void {
  cell.state.ec2.lockedSnapshots.push({
    OwnerId: cell.accountId,
    SnapshotId,
    LockState,
    LockDuration: 120,
    LockCreatedOn: days(cell, -1),
    LockDurationStartTime: days(cell, -1),
    LockExpiresOn: days(cell, 119),
    ...(LockState === 'compliance-cooloff'
      ? { CoolOffPeriod: 48, CoolOffPeriodExpiresOn: days(cell, 1) }
      : {}),
  })
}

/** What is special about a volume. */
export interface VolumeOptions {
  key?: Key | undefined
  name?: string
  state?: 'in-use' | 'available' | 'deleting'
  /** A staging disk of Elastic Disaster Recovery. */
  staging?: boolean
  /** Principal of the service that manages it. */
  operator?: string
}

/** Plants an EBS volume. */
export function plantVolume(cell: Cell, options: VolumeOptions = {}): void {
  const { key, name, state = 'in-use', staging, operator } = options
  const id = `vol-${cell.random.hex(17)}`
  const tags: Tag[] = name ? [{ Key: 'Name', Value: name }] : []
  if (staging) tags.push({ Key: 'AWSElasticDisasterRecoveryManaged', Value: 'drs.amazonaws.com' })
  const volume: Volume = {
    VolumeId: id,
    State: state,
    Encrypted: key !== undefined,
    ...(key ? { KmsKeyId: key.arn } : {}),
    CreateTime: past(cell),
    Size: cell.random.int(8, 500),
    VolumeType: 'gp3',
    AvailabilityZone: `${cell.region}a`,
    SnapshotId: '',
    Attachments:
      state === 'in-use'
        ? [{ InstanceId: `i-${cell.random.hex(17)}`, Device: '/dev/xvda', State: 'attached' }]
        : [],
    Tags: tags,
    ...(operator ? { Operator: { Managed: true, Principal: operator } } : {}),
  }
  cell.state.ec2.volumes.push(volume)
  if (staging || operator || state === 'deleting') return
  const resource = [arnOf(cell, 'ec2', `volume/${id}`), 'AwsEc2Volume'] as const
  cell.ledger.expect(cell, 'ec2', 'ebs-volumes-are-encrypted', verdict(!!key), resource)
}

/** What is special about an image. */
export interface ImageOptions {
  name: string
  /** A key or `none` for each EBS device; no devices: an instance-store image. */
  devices: (Key | 'none')[]
  isPublic?: boolean
  disabled?: boolean
}

/** Plants an image with the snapshots behind it; a name `AwsBackup_…` is AWS Backup's. */
export function plantImage(cell: Cell, options: ImageOptions): void {
  const { name, devices, isPublic = false } = options
  const id = `ami-${cell.random.hex(17)}`
  const byBackup = name.startsWith('AwsBackup_')
  const description = `Created by CreateImage(i-${cell.random.hex(17)}) for ${id}`
  const image: Image = {
    ImageId: id,
    Name: name,
    OwnerId: cell.accountId,
    ImageLocation: `${cell.accountId}/${name}`,
    Public: isPublic,
    State: options.disabled ? 'disabled' : 'available',
    CreationDate: past(cell).toISOString(),
    Architecture: 'arm64',
    RootDeviceType: devices.length > 0 ? 'ebs' : 'instance-store',
    BlockDeviceMappings: devices.map((device, index) => {
      const key = device === 'none' ? undefined : device
      const arn = plantSnapshot(cell, { key, byBackup, description })
      return {
        DeviceName: index === 0 ? '/dev/xvda' : `/dev/sd${'bcdefgh'[index - 1]}`,
        Ebs: { SnapshotId: arn.split('/')[1], Encrypted: key !== undefined, VolumeSize: 30 },
      }
    }),
    Tags: byBackup ? [{ Key: 'aws:backup:source-resource', Value: cell.random.uuid() }] : [],
  }
  if (devices.length === 0)
    image.BlockDeviceMappings = [{ DeviceName: '/dev/sdb', VirtualName: 'ephemeral0' }]
  cell.state.ec2.images.push(image)
  const resource = [`arn:aws:ec2:${cell.region}::image/${id}`, 'AwsEc2Image'] as const
  cell.ledger.expect(cell, 'ec2', 'amis-are-not-public', verdict(!isPublic), resource)
  if (byBackup || devices.length === 0) return
  const encrypted = !devices.includes('none')
  cell.ledger.expect(cell, 'ec2', 'amis-are-encrypted', verdict(encrypted), resource)
}

/** Plants the cell's EBS settings. */
export function plantEbsSettings(
  cell: Cell,
  encryptionByDefault: boolean,
  block: 'block-all-sharing' | 'block-new-sharing' | 'unblocked',
): void {
  cell.state.ec2.ebsEncryptionByDefault = encryptionByDefault
  cell.state.ec2.snapshotBlockPublicAccess = block
  const expect = (control: string, passes: boolean) =>
    cell.ledger.expect(cell, 'ec2', control, verdict(passes), accountResource(cell))
  expect('ebs-encryption-by-default-is-on', encryptionByDefault)
  expect('snapshot-public-access-is-blocked', block !== 'unblocked')
}
