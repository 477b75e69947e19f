import type { BackupRule, BackupSelection } from '@aws-sdk/client-backup'
import type { Volume } from '@aws-sdk/client-ec2'
import { type AuditResult, audit } from '../../lib/audit.ts'
import { simulatedSettings } from '../../lib/cli/simulated.ts'
import { loadCollectors } from '../../lib/collectors/load.ts'
import { loadConfig } from '../../lib/config/load.ts'
import type { ConfigInput } from '../../lib/config/schema.ts'
import { taggingState } from '../../simulator/operations/tagging.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import {
  type AccountState,
  type CellState,
  type Denial,
  emptyCell,
  type OrganizationState,
} from '../../simulator/state.ts'
import { NOW } from '../support/simulated.ts'

export const ALPHA = '111111111111'
export const BETA = '222222222222'
const MANAGEMENT = '100000000001'
const AUDITOR = '100000000002'
const ROLE = 'StrongroomAuditor'
const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLEEXAMPLE22', secretAccessKey: 'not-a-secret' }

/** One account in one Region, with what it takes to fill it. */
export interface Place {
  accountId: string
  region: string
  state: CellState
}

/** A small organization that is filled by hand: two accounts with data, and the two that every organization needs. */
export class Organization {
  readonly state: OrganizationState
  readonly simulator: Simulator

  private constructor(state: OrganizationState, simulator: Simulator) {
    this.state = state
    this.simulator = simulator
  }

  /** Opens an empty one in the named Regions. */
  static async open(regions: string[]): Promise<Organization> {
    const collectors = [...(await loadCollectors()).values()]
    const allow = ['account:ListRegions', ...collectors.flatMap(({ actions }) => actions)]
    const accounts = [MANAGEMENT, AUDITOR, ALPHA, BETA].map(
      (id) => [id, accountOf(id, allow, regions)] as const,
    )
    const state: OrganizationState = {
      id: 'o-exampleorg',
      partition: 'aws',
      managementAccountId: MANAGEMENT,
      auditAccountId: AUDITOR,
      homeRegion: 'us-east-1',
      regions: regions.map((name) => ({ name, optIn: name.startsWith('me-') })),
      accounts: new Map(accounts),
    }
    const own = ['organizations:*', 'sts:AssumeRole', 'account:*', 'ec2:DescribeRegions']
    state.accounts.get(AUDITOR)?.users.push({ name: 'strongroom', ...CREDENTIALS, allow: own })
    return new Organization(state, await startSimulator({ state, clock: () => NOW }))
  }

  at(accountId: string, region: string): Place {
    const cells = this.#account(accountId).cells
    const state = cells.get(region) ?? emptyCell()
    cells.set(region, state)
    return { accountId, region, state }
  }

  /** Takes from the auditor's role of an account what it may do, until it is called to give it back. */
  deny(accountId: string, denial: Denial): () => void {
    const denials = this.#account(accountId).roles[0]?.deny ?? []
    denials.push(denial)
    return () => void denials.splice(denials.indexOf(denial), 1)
  }

  /** Audits it with the default configuration, but for what is given. */
  async audit(lake: string, given: ConfigInput = {}, now = NOW): Promise<AuditResult> {
    const config = await loadConfig(undefined, {
      role_name: ROLE,
      settings: simulatedSettings,
      ...given,
    })
    const endpoint = this.simulator.url
    const clock = () => now
    return audit({ config, lake, credentials: CREDENTIALS, endpoint, region: 'us-east-1', clock })
  }

  #account(accountId: string): AccountState {
    const account = this.state.accounts.get(accountId)
    if (!account) throw new Error(`no account ${accountId}`)
    return account
  }
}

function accountOf(id: string, allow: string[], regions: string[]): AccountState {
  return {
    account: {
      Id: id,
      Arn: `arn:aws:organizations::${MANAGEMENT}:account/o-exampleorg/${id}`,
      Email: `aws+${id}@example.com`,
      Name: `account-${id}`,
      Status: 'ACTIVE',
      State: 'ACTIVE',
      Paths: [`o-exampleorg/r-ab12/${id}/`],
      JoinedMethod: 'CREATED',
      JoinedTimestamp: new Date('2020-01-01T00:00:00Z'),
    },
    enabledRegions: new Set(regions),
    users: [],
    roles: [{ name: ROLE, trustedAccounts: [AUDITOR], allow, deny: [] }],
    serviceControlDenials: [],
    cells: new Map(),
  }
}

export function arn({ accountId, region }: Place, service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`
}

/** Puts a customer managed key into the place and returns its ARN. */
export function addKey(place: Place, id: string): string {
  const Arn = arn(place, 'kms', `key/${id}`)
  place.state.kms.keys.push({
    metadata: {
      AWSAccountId: place.accountId,
      KeyId: id,
      Arn,
      KeyManager: 'CUSTOMER',
      KeyState: 'Enabled',
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyUsage: 'ENCRYPT_DECRYPT',
      Origin: 'AWS_KMS',
      Enabled: true,
    },
    policy: '{}',
    rotation: true,
  })
  return Arn
}

/** Puts a volume with a key and tags into the place and returns its ARN. */
export function addVolume(
  place: Place,
  id: string,
  { key, tags = {} }: { key?: string; tags?: Record<string, string> } = {},
): string {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  const volume: Volume = {
    VolumeId: id,
    State: 'available',
    Encrypted: key !== undefined,
    ...(key ? { KmsKeyId: key } : {}),
    CreateTime: new Date('2026-01-01T00:00:00Z'),
    Size: 8,
    VolumeType: 'gp3',
    Attachments: [],
    Tags,
  }
  place.state.ec2.volumes.push(volume)
  const made = arn(place, 'ec2', `volume/${id}`)
  if (Tags.length > 0) taggingState(place.state).tags.set(made, Tags)
  return made
}

/** Puts a vault under a key into the place and returns its ARN. */
export function addVault(place: Place, name: string, key: string): string {
  const BackupVaultArn = arn(place, 'backup', `backup-vault:${name}`)
  place.state.backup.vaults.push({
    BackupVaultName: name,
    BackupVaultArn,
    VaultType: 'BACKUP_VAULT',
    VaultState: 'AVAILABLE',
    EncryptionKeyArn: key,
    EncryptionKeyType: 'CUSTOMER_MANAGED_KMS_KEY',
    NumberOfRecoveryPoints: 0,
    Locked: false,
  })
  place.state.backup.recoveryPoints.set(name, [])
  return BackupVaultArn
}

/** Puts a recovery point of a volume into a vault and returns its ARN: under a key, or unencrypted. */
export function addPoint(place: Place, vault: string, id: string, key?: string): string {
  const RecoveryPointArn = `arn:aws:ec2:${place.region}::snapshot/${id}`
  place.state.backup.recoveryPoints.get(vault)?.push({
    RecoveryPointArn,
    BackupVaultName: vault,
    BackupVaultArn: arn(place, 'backup', `backup-vault:${vault}`),
    VaultType: 'BACKUP_VAULT',
    ResourceArn: arn(place, 'ec2', `volume/${id.replace('snap', 'vol')}`),
    ResourceType: 'EBS',
    Status: 'COMPLETED',
    CreationDate: new Date('2026-11-22T05:00:00Z'),
    CompletionDate: new Date('2026-11-22T06:00:00Z'),
    IsEncrypted: key !== undefined,
    ...(key ? { EncryptionKeyArn: key, EncryptionKeyType: 'CUSTOMER_MANAGED_KMS_KEY' } : {}),
    IsParent: false,
    Lifecycle: { DeleteAfterDays: 90 },
  })
  return RecoveryPointArn
}

/** Puts a daily plan into the place that backs up what the selections choose. */
export function addPlan(
  place: Place,
  vault: string,
  selections: Omit<BackupSelection, 'IamRoleArn'>[],
): void {
  const rule: BackupRule = {
    RuleId: 'rule-1',
    RuleName: 'daily',
    TargetBackupVaultName: vault,
    ScheduleExpression: 'cron(0 5 ? * * *)',
    Lifecycle: { DeleteAfterDays: 90 },
  }
  const id = `plan-to-${vault}`
  place.state.backup.plans.push({
    BackupPlanId: id,
    BackupPlanArn: arn(place, 'backup', `backup-plan:${id}`),
    VersionId: '1',
    CreationDate: NOW,
    plan: { BackupPlanName: id, Rules: [rule] },
    selections: selections.map((selection, index) => ({
      SelectionId: `selection-${index}`,
      CreationDate: NOW,
      selection: { IamRoleArn: `arn:aws:iam::${place.accountId}:role/backup`, ...selection },
    })),
  })
}

/** Puts a manual DB snapshot into the place and returns its ARN. */
export function addDbSnapshot(place: Place, id: string): string {
  const DBSnapshotArn = arn(place, 'rds', `snapshot:${id}`)
  place.state.rds.snapshots.push({
    DBSnapshotIdentifier: id,
    DBSnapshotArn,
    DBInstanceIdentifier: `${id}-db`,
    Engine: 'postgres',
    SnapshotType: 'manual',
    Status: 'available',
    Encrypted: true,
    SnapshotCreateTime: NOW,
  })
  return DBSnapshotArn
}

/** Puts a manual cluster snapshot into the place and returns its ARN. */
export function addClusterSnapshot(place: Place, id: string): string {
  const DBClusterSnapshotArn = arn(place, 'rds', `cluster-snapshot:${id}`)
  place.state.rds.clusterSnapshots.push({
    DBClusterSnapshotIdentifier: id,
    DBClusterSnapshotArn,
    DBClusterIdentifier: `${id}-cluster`,
    Engine: 'aurora-postgresql',
    SnapshotType: 'manual',
    Status: 'available',
    StorageEncrypted: true,
    SnapshotCreateTime: NOW,
  })
  return DBClusterSnapshotArn
}

/** Puts an EBS snapshot into the place and returns its ARN. */
export function addSnapshot(place: Place, id: string, key?: string): string {
  place.state.ec2.snapshots.push({
    SnapshotId: id,
    VolumeId: id.replace('snap', 'vol'),
    OwnerId: place.accountId,
    State: 'completed',
    StartTime: NOW,
    Encrypted: key !== undefined,
    ...(key ? { KmsKeyId: key } : {}),
    StorageTier: 'standard',
    Tags: [],
  })
  return `arn:aws:ec2:${place.region}::snapshot/${id}`
}

/** Puts a cluster into the place and returns its ARN. */
export function addCluster(place: Place, id: string, engine: string): string {
  const DBClusterArn = arn(place, 'rds', `cluster:${id}`)
  place.state.rds.clusters.push({
    DBClusterIdentifier: id,
    DBClusterArn,
    DbClusterResourceId: `cluster-${id}`,
    Engine: engine,
    Status: 'available',
    StorageEncrypted: false,
    BackupRetentionPeriod: 1,
    ClusterCreateTime: NOW,
    TagList: [],
  })
  return DBClusterArn
}
