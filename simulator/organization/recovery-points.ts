import type { RecoveryPointByBackupVault } from '@aws-sdk/client-backup'
import { arnOf, type Cell, days, type Key, past, type Status, verdict } from './cell.ts'
import { plantCopyJob } from './copy-jobs.ts'
import { plantSnapshot } from './ebs.ts'
import { plantDbSnapshot } from './rds.ts'
import type { Vault } from './vaults.ts'

/** Types that AWS Backup encrypts with the vault's key, whatever the source has. */
export type IndependentType = 'EFS' | 'S3' | 'Timestream' | 'VirtualMachine' | 'CloudFormation'
/** Types that inherit the encryption of their source. */
export type InheritingType = 'EBS' | 'RDS' | 'EC2' | 'DynamoDB' | 'Storage Gateway'

/** What encrypts a point: a key, one that AWS owns, one that AWS does not tell, or nothing. */
export type PointKey = Key | 'aws-owned' | 'untold' | 'none'

/** What is special about a recovery point. */
export interface RecoveryPointOptions {
  type: IndependentType | InheritingType
  /** For inheriting types; the others have the vault's key. */
  key?: PointKey
  /** Leave the key out of the answer: it then is the vault's. */
  keyNotReported?: boolean
  name?: string
  status?: 'COMPLETED' | 'PARTIAL' | 'DELETING' | 'CREATING' | 'EXPIRED' | 'AVAILABLE'
  isParent?: boolean
  parentArn?: string
  /** Vault of another account that it was copied from. */
  copiedFrom?: Vault
  /** A point whose ARN is given, such as a continuous one. */
  arn?: string
  /** Its retention: 400 days unless told; `copied`: until it is in an air-gapped vault. */
  kept?: number | 'forever' | 'copied'
  /** What a malware scan said; undefined: there was none. */
  scan?: 'clean' | 'infected' | 'failed'
  /** ARN of what it is a backup of; one that is made up where none is given. */
  source?: string
  createdAt?: Date
  /** Vault of an account outside the organization that it was copied from. */
  foreignVaultArn?: string
}

const independent = new Set<string>(['EFS', 'S3', 'Timestream', 'VirtualMachine', 'CloudFormation'])

/** Plants a recovery point, with the native snapshot behind it where it has one. */
export function plantRecoveryPoint(vault: Vault, options: RecoveryPointOptions): string {
  const { cell } = vault
  const own = keyOf(vault, options)
  const { arn, point } = pointOf(vault, options, own)
  addPoint(vault, point)
  if (options.copiedFrom) plantCopyJob(options.copiedFrom, vault, point)
  if (['DELETING', 'CREATING'].includes(options.status ?? '')) return arn
  const resource = [arn, 'AwsBackupRecoveryPoint'] as const
  const expect = (control: string, status: Status) =>
    cell.ledger.expect(cell, 'backup', control, status, resource)
  expectScan(expect, options)
  if (options.isParent) return arn
  expect('recovery-points-are-kept-long-enough', verdict(isKept(options)))
  expect('recovery-points-are-encrypted', verdict(own !== 'none'))
  if (own !== 'none') expect('recovery-points-use-approved-keys', approval(own, vault.airGapped))
  if (typeof own === 'object') cell.ledger.hang(cell, 'backup', own)
  return arn
}

function pointOf(
  vault: Vault,
  options: RecoveryPointOptions,
  key: PointKey,
): { arn: string; point: RecoveryPointByBackupVault } {
  const { cell } = vault
  const { type, parentArn, isParent = false, status = 'COMPLETED' } = options
  const source = options.source ?? sourceArn(options.copiedFrom?.cell ?? cell, cell, type)
  const arn = options.arn ?? nativeArn(vault, options, key)
  const created = options.createdAt ?? past(cell)
  const copiedFrom = options.foreignVaultArn ?? options.copiedFrom?.arn
  const point: RecoveryPointByBackupVault = {
    RecoveryPointArn: arn,
    BackupVaultName: vault.name,
    BackupVaultArn: vault.arn,
    VaultType: vault.member.VaultType,
    ResourceArn: source,
    ResourceType: type,
    ResourceName: options.name ?? `${type.toLowerCase().replace(' ', '-')}-source`,
    IamRoleArn: `arn:aws:iam::${cell.accountId}:role/service-role/AWSBackupDefaultServiceRole`,
    Status: status,
    CreationDate: created,
    CompletionDate: new Date(created.getTime() + 600_000),
    BackupSizeInBytes: cell.random.int(1, 500) * 1_073_741_824,
    ...lifecycleMembers(cell, options.kept),
    IsEncrypted: key !== 'none',
    ...keyMembers(key, options.keyNotReported),
    IsParent: isParent,
    ...(parentArn ? { ParentRecoveryPointArn: parentArn } : {}),
    ...(copiedFrom ? { SourceBackupVaultArn: copiedFrom } : {}),
    ...scanMembers(cell, options.scan),
  }
  return { arn, point }
}

type Expect = (control: string, status: Status) => void

/** Parents are judged too: an image is scanned as a whole. */
function expectScan(expect: Expect, { scan }: RecoveryPointOptions): void {
  if (scan === undefined) return
  const judged = { clean: 'pass', infected: 'fail', failed: 'unknown' } as const
  expect('recovery-points-are-free-of-malware', judged[scan])
}

/** At least the 35 days of the default settings, the longest that continuous backups can be kept. */
function isKept({ kept = 400 }: RecoveryPointOptions): boolean {
  return typeof kept === 'string' || kept >= 35
}

function lifecycleMembers(
  cell: Cell,
  kept: RecoveryPointOptions['kept'] = 400,
): Partial<RecoveryPointByBackupVault> {
  if (kept === 'forever') return {}
  if (kept === 'copied')
    return { Lifecycle: { DeleteAfterDays: 7, DeleteAfterEvent: 'DELETE_AFTER_COPY' } }
  return {
    Lifecycle: { DeleteAfterDays: kept },
    CalculatedLifecycle: { DeleteAt: days(cell, 120) },
  }
}

function scanMembers(
  cell: Cell,
  scan: RecoveryPointOptions['scan'],
): Partial<RecoveryPointByBackupVault> {
  if (scan === undefined) return {}
  return {
    AggregatedScanResult: {
      FailedScan: scan === 'failed',
      Findings: scan === 'infected' ? ['MALWARE'] : [],
      LastComputed: days(cell, -2),
    },
  }
}

function keyOf(vault: Vault, { type, key }: RecoveryPointOptions): PointKey {
  return independent.has(type) ? (vault.key ?? 'aws-owned') : (key ?? 'none')
}

function addPoint(vault: Vault, point: RecoveryPointByBackupVault): void {
  const { backup } = vault.cell.state
  const points = backup.recoveryPoints.get(vault.name) ?? []
  if (points.length === 0) backup.recoveryPoints.set(vault.name, points)
  points.push(point)
  vault.member.NumberOfRecoveryPoints = points.length
  vault.judge()
  if (point.IsParent || point.SourceBackupVaultArn || point.Status === 'DELETING') return
  backup.protectedResources.push({
    ResourceArn: point.ResourceArn,
    ResourceType: point.ResourceType,
    ResourceName: point.ResourceName,
    LastBackupTime: point.CreationDate,
    LastBackupVaultArn: vault.arn,
    LastRecoveryPointArn: point.RecoveryPointArn,
  })
}

function approval(key: Exclude<PointKey, 'none'>, airGapped: boolean): Status {
  if (key === 'untold') return 'unknown'
  return key === 'aws-owned' ? verdict(airGapped) : key.approved
}

function keyMembers(key: PointKey, notReported = false): Partial<RecoveryPointByBackupVault> {
  if (key === 'none' || key === 'untold') return {}
  if (key === 'aws-owned') return { EncryptionKeyType: 'AWS_OWNED_KMS_KEY' }
  if (notReported) return { EncryptionKeyType: 'CUSTOMER_MANAGED_KMS_KEY' }
  return { EncryptionKeyArn: key.arn, EncryptionKeyType: 'CUSTOMER_MANAGED_KMS_KEY' }
}

function nativeArn(vault: Vault, { type, isParent }: RecoveryPointOptions, key: PointKey): string {
  const { cell } = vault
  const keyOrNone = typeof key === 'object' ? key : undefined
  if (vault.airGapped) return arnOf(cell, 'backup', `recovery-point:${cell.random.uuid()}`)
  if (type === 'EBS') return plantSnapshot(cell, { key: keyOrNone, byBackup: true })
  if (type === 'EC2' && isParent)
    return `arn:aws:ec2:${cell.region}::image/ami-${cell.random.hex(17)}`
  if (type === 'RDS')
    return plantDbSnapshot(cell, { key: keyOrNone, byBackup: true, sseRds: key === 'aws-owned' })
  if (type === 'Storage Gateway')
    return `arn:aws:ec2:${cell.region}::snapshot/snap-${cell.random.hex(17)}`
  if (type === 'DynamoDB' && !cell.state.backup.resourceTypeManagement.DynamoDB)
    return arnOf(cell, 'dynamodb', `table/sessions/backup/0${cell.random.hex(20)}`)
  return arnOf(cell, 'backup', `recovery-point:${cell.random.uuid()}`)
}

function sourceArn(source: Cell, { random }: Cell, type: string): string {
  const id = random.hex(17)
  const byType: Record<string, string> = {
    EBS: arnOf(source, 'ec2', `volume/vol-${id}`),
    EC2: arnOf(source, 'ec2', `instance/i-${id}`),
    RDS: arnOf(source, 'rds', `db:orders-${id}`),
    EFS: arnOf(source, 'elasticfilesystem', `file-system/fs-${id}`),
    S3: `arn:aws:s3:::data-${id}`,
    DynamoDB: arnOf(source, 'dynamodb', `table/sessions-${id}`),
    CloudFormation: arnOf(source, 'cloudformation', `stack/app-${id}/${random.uuid()}`),
  }
  return byType[type] ?? arnOf(source, 'storagegateway', `gateway/sgw-${id}/volume/vol-${id}`)
}
