import type { AccountState, OrganizationState } from '../../simulator/state.ts'
import { emptyCell } from '../../simulator/state.ts'

/** A name that breaks careless writers of XML, JSON, CSV and HTML. */
export const NASTY = `a "quoted" 'name'\nsecond line <script>alert(1)</script> & ünï çødé 日本 🔒`

export const MANAGEMENT = '111111111111'
export const AUDIT = '222222222222'
export const MEMBER = '333333333333'

function account(id: string): AccountState {
  return {
    account: {
      Id: id,
      Arn: `arn:aws:organizations::${MANAGEMENT}:account/o-abcdefghij/${id}`,
      Name: NASTY,
      State: 'ACTIVE',
      Paths: [`o-abcdefghij/r-abcd/ou-abcd-11111111/${id}/`],
    },
    enabledRegions: new Set(['us-east-1', 'eu-west-1']),
    users: [],
    roles: [
      {
        name: 'audit',
        trustedAccounts: [AUDIT],
        externalId: 'secret-id',
        allow: ['backup:*', 'ec2:*', 'rds:*', 'kms:*', 's3:*', 'account:ListRegions'],
        deny: [],
      },
    ],
    serviceControlDenials: [],
    cells: new Map(),
  }
}

/** 45 accounts, of which one has something in each service. */
export function smallState(): OrganizationState {
  const ids = [MANAGEMENT, AUDIT, MEMBER]
  for (let index = 0; index < 42; index++) ids.push(String(400_000_000_000 + index))
  const accounts = new Map(ids.map((id) => [id, account(id)]))
  accounts.get(AUDIT)?.users.push({
    name: 'auditor',
    accessKeyId: 'AKIAAAAAAAAAAAAAAAAA',
    secretAccessKey: 'secret',
    allow: ['sts:AssumeRole', 'organizations:*', 'account:*', 'ec2:DescribeRegions'],
  })
  const cell = emptyCell()
  const at = new Date('2026-01-02T03:04:05Z')
  const keyArn = `arn:aws:kms:us-east-1:${MEMBER}:key/11111111-1111-1111-1111-111111111111`
  cell.backup.vaults.push({
    BackupVaultName: 'vault one',
    BackupVaultArn: `arn:aws:backup:us-east-1:${MEMBER}:backup-vault:vault one`,
    CreationDate: at,
    Locked: false,
  })
  cell.backup.vaults.push({ BackupVaultName: 'bare', CreationDate: at })
  cell.backup.vaultPolicies.set('vault one', NASTY)
  cell.backup.vaultNotifications.set('vault one', {
    SNSTopicArn: `arn:aws:sns:us-east-1:${MEMBER}:topic`,
    BackupVaultEvents: ['BACKUP_JOB_FAILED'],
  })
  cell.backup.recoveryPoints.set(
    'vault one',
    Array.from({ length: 2500 }, (_, index) => ({
      RecoveryPointArn: `arn:aws:ec2:us-east-1::snapshot/snap-${index}`,
      ResourceName: NASTY,
      CreationDate: at,
      BackupSizeInBytes: index,
      IsEncrypted: index % 2 === 0,
    })),
  )
  const plan = '22222222-2222-2222-2222-222222222222'
  cell.backup.plans.push({
    BackupPlanId: plan,
    BackupPlanArn: `arn:aws:backup:us-east-1:${MEMBER}:backup-plan:${plan}`,
    VersionId: 'v1',
    CreationDate: at,
    plan: { BackupPlanName: NASTY, Rules: [{ RuleName: 'r', TargetBackupVaultName: 'bare' }] },
    selections: [
      {
        SelectionId: plan,
        CreationDate: at,
        selection: { SelectionName: NASTY, IamRoleArn: 'arn', Resources: ['*'] },
      },
    ],
  })
  cell.backup.protectedResources.push({ ResourceArn: keyArn, ResourceName: NASTY })
  cell.backup.resourceTypeOptIn = { EBS: true, RDS: false }
  const tags = [{ Key: 'Name', Value: NASTY }]
  cell.ec2.snapshots = Array.from({ length: 12 }, (_, index) => ({
    SnapshotId: `snap-${String(index).padStart(17, '0')}`,
    Encrypted: false,
    StartTime: at,
    Tags: tags,
    VolumeSize: 8,
  }))
  cell.ec2.publicSnapshotIds.add('snap-00000000000000003')
  cell.ec2.volumes.push({ VolumeId: 'vol-00000000000000001', Encrypted: true, Tags: tags })
  cell.ec2.images.push({ ImageId: 'ami-00000000000000001', Name: NASTY, Public: false })
  cell.ec2.lockedSnapshots.push({ SnapshotId: 'snap-1', LockState: 'governance' })
  cell.rds.instances = Array.from({ length: 130 }, (_, index) => ({
    DBInstanceIdentifier: `db-${index}`,
    StorageEncrypted: true,
    InstanceCreateTime: at,
    TagList: tags,
  }))
  cell.rds.clusters.push({ DBClusterIdentifier: 'c', DatabaseName: NASTY })
  cell.rds.snapshots.push(
    { DBSnapshotIdentifier: 'manual', SnapshotType: 'manual' },
    { DBSnapshotIdentifier: 'awsbackup:1', SnapshotType: 'awsbackup' },
  )
  cell.rds.clusterSnapshots.push({ DBClusterSnapshotIdentifier: 'cs', SnapshotType: 'manual' })
  cell.rds.instanceAutomatedBackups.push({ DBInstanceIdentifier: 'db-1', Status: 'active' })
  cell.rds.clusterAutomatedBackups.push({ DBClusterIdentifier: 'c', Status: 'active' })
  const KeyId = '11111111-1111-1111-1111-111111111111'
  cell.kms.keys.push({
    metadata: { KeyId, Arn: keyArn, Description: NASTY, CreationDate: at, KeyManager: 'CUSTOMER' },
    policy: NASTY,
    rotation: undefined,
  })
  cell.kms.aliases.push({ AliasName: 'alias/one', AliasArn: 'arn:alias', TargetKeyId: KeyId })
  accounts.get(MEMBER)?.cells.set('us-east-1', cell)
  return {
    id: 'o-abcdefghij',
    partition: 'aws',
    managementAccountId: MANAGEMENT,
    auditAccountId: AUDIT,
    homeRegion: 'us-east-1',
    regions: [
      { name: 'us-east-1', optIn: false },
      { name: 'eu-west-1', optIn: false },
      { name: 'ap-east-1', optIn: true },
    ],
    accounts,
  }
}
