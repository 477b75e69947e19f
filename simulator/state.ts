import type {
  BackupPlan,
  BackupRule,
  BackupSelection,
  BackupVaultListMember,
  CopyJob,
  ProtectedResource,
  RecoveryPointByBackupVault,
  RestoreAccessBackupVaultListMember,
  RestoreJobsListMember,
  RestoreTestingPlanForList,
  RestoreTestingSelectionForGet,
} from '@aws-sdk/client-backup'
import type { Image, Instance, LockedSnapshotsInfo, Snapshot, Volume } from '@aws-sdk/client-ec2'
import type { GroupDetail, ManagedPolicyDetail, RoleDetail, UserDetail } from '@aws-sdk/client-iam'
import type { AliasListEntry, KeyMetadata } from '@aws-sdk/client-kms'
import type { Account, PolicySummary, PolicyTypeSummary } from '@aws-sdk/client-organizations'
import type {
  DBCluster,
  DBClusterAutomatedBackup,
  DBClusterSnapshot,
  DBInstance,
  DBInstanceAutomatedBackup,
  DBSnapshot,
} from '@aws-sdk/client-rds'

/** A whole simulated organization: what the operations answer from. Values are in the shapes that AWS answers with. */
export interface OrganizationState {
  /** `o-…`; undefined simulates a stand-alone account that is in no organization. */
  id: string | undefined
  partition: 'aws'
  managementAccountId: string
  /** The delegated administrator, from which the audit runs. */
  auditAccountId: string
  homeRegion: string
  /** Every Region of the simulated partition. */
  regions: SimulatedRegion[]
  /** By account id, the management account included. */
  accounts: Map<string, AccountState>
  /** Policies of the organization; none where absent. */
  policies?: OrganizationPolicies
  /** Names of OUs by id; one without a name is called by its id. */
  unitNames?: ReadonlyMap<string, string>
}

export interface OrganizationPolicies {
  /** Policy types of the root. */
  types: PolicyTypeSummary[]
  policies: SimulatedPolicy[]
  /** Ids of the accounts that administer AWS Backup for the organization. */
  backupAdministrators: string[]
}

export interface SimulatedPolicy {
  summary: PolicySummary
  content: string
  /** Ids of roots, OUs and accounts. */
  targets: string[]
}

export interface SimulatedRegion {
  name: string
  optIn: boolean
}

export interface AccountState {
  /** As `ListAccounts` answers it: with `State` and `Paths`. */
  account: Account
  /** Regions switched on in this account. A call to another Region gets `UnrecognizedClientException` / `AuthFailure`. */
  enabledRegions: Set<string>
  users: SimulatedUser[]
  roles: SimulatedRole[]
  /** Explicit denials that answer as a service control policy would. */
  serviceControlDenials: Denial[]
  /** What IAM holds besides the users and roles above, which it tells of too. */
  iam?: IamState
  /** By Region name; a Region without an entry answers every list empty. */
  cells: Map<string, CellState>
}

/** Documents stand here as they were written; on the wire they are URL-encoded. */
export interface IamState {
  users: UserDetail[]
  groups: GroupDetail[]
  roles: RoleDetail[]
  /** Customer managed ones, and those of AWS that are in use: a principal has them, or is bounded by them. */
  policies: ManagedPolicyDetail[]
}

export interface SimulatedUser {
  name: string
  accessKeyId: string
  secretAccessKey: string
  /** Allowed actions, with `*` wildcards. */
  allow: string[]
  /** Explicit identity denials. */
  deny?: Denial[]
}

export interface SimulatedRole {
  name: string
  /** Account ids whose principals may assume the role. */
  trustedAccounts: string[]
  externalId?: string
  allow: string[]
  /** Explicit identity denials: answered as an identity-based policy's explicit deny. */
  deny: Denial[]
}

export interface Denial {
  /** IAM actions with `*` wildcards, such as `backup:*`. */
  actions: string[]
  /** Regions where it holds; all when absent. */
  regions?: string[]
  /** ARN glob of the resources it holds for; all when absent. */
  resources?: string[]
}

export interface CellState {
  backup: {
    vaults: BackupVaultListMember[]
    /** By vault name. A vault without an entry has no policy. The text is answered as it is, valid JSON or not. */
    vaultPolicies: Map<string, string>
    vaultNotifications: Map<string, { SNSTopicArn: string; BackupVaultEvents: string[] }>
    recoveryPoints: Map<string, RecoveryPointByBackupVault[]>
    plans: SimulatedPlan[]
    protectedResources: ProtectedResource[]
    resourceTypeOptIn: Record<string, boolean>
    resourceTypeManagement: Record<string, boolean>
    copyJobs: CopyJob[]
    restoreJobs: RestoreJobsListMember[]
    restoreTestingPlans: RestoreTestingPlanForList[]
    restoreTestingSelections: RestoreTestingSelectionForGet[]
    /** By the name of the air-gapped vault that they give access to. */
    restoreAccessVaults: Map<string, RestoreAccessBackupVaultListMember[]>
    /** Of the account, whichever Region is asked. */
    globalSettings: Record<string, string>
  }
  ec2: {
    ebsEncryptionByDefault: boolean
    ebsDefaultKmsKeyId: string
    snapshotBlockPublicAccess: 'block-all-sharing' | 'block-new-sharing' | 'unblocked'
    volumes: Volume[]
    snapshots: Snapshot[]
    /** Ids of the snapshots that anyone can restore. */
    publicSnapshotIds: Set<string>
    lockedSnapshots: LockedSnapshotsInfo[]
    images: Image[]
    instances: Instance[]
  }
  rds: {
    instances: DBInstance[]
    clusters: DBCluster[]
    snapshots: DBSnapshot[]
    clusterSnapshots: DBClusterSnapshot[]
    instanceAutomatedBackups: DBInstanceAutomatedBackup[]
    clusterAutomatedBackups: DBClusterAutomatedBackup[]
  }
  kms: {
    keys: SimulatedKey[]
    aliases: AliasListEntry[]
  }
  /** What further services hold, by service; see {@link serviceState}. */
  more: Map<string, unknown>
}

const declaredStates = new Map<string, (cell: CellState) => unknown>()

/** What a cell holds of a further service, by the service's name; undefined where no such service is declared. */
export function furtherState(cell: CellState, service: string): unknown {
  return declaredStates.get(service)?.(cell)
}

/** Declares what one service holds in a cell; the accessor makes it when it is first asked for. */
export function serviceState<T>(service: string, empty: () => T): (cell: CellState) => T {
  const accessor = (cell: CellState): T => {
    const held = cell.more.get(service) as T | undefined
    if (held !== undefined) return held
    const made = empty()
    cell.more.set(service, made)
    return made
  }
  declaredStates.set(service, accessor)
  return accessor
}

export interface SimulatedPlan {
  BackupPlanId: string
  BackupPlanArn: string
  VersionId: string
  CreationDate: Date
  plan: Omit<BackupPlan, 'Rules'> & { Rules: BackupRule[] }
  selections: { SelectionId: string; CreationDate: Date; selection: BackupSelection }[]
}

export interface SimulatedKey {
  metadata: KeyMetadata
  policy: string
  /** undefined where `GetKeyRotationStatus` answers `UnsupportedOperationException`. */
  rotation: boolean | undefined
}

export function emptyCell(): CellState {
  return {
    backup: {
      vaults: [],
      vaultPolicies: new Map(),
      vaultNotifications: new Map(),
      recoveryPoints: new Map(),
      plans: [],
      protectedResources: [],
      resourceTypeOptIn: {},
      resourceTypeManagement: {},
      copyJobs: [],
      restoreJobs: [],
      restoreTestingPlans: [],
      restoreTestingSelections: [],
      restoreAccessVaults: new Map(),
      globalSettings: {},
    },
    ec2: {
      ebsEncryptionByDefault: false,
      ebsDefaultKmsKeyId: 'alias/aws/ebs',
      snapshotBlockPublicAccess: 'unblocked',
      volumes: [],
      snapshots: [],
      publicSnapshotIds: new Set(),
      lockedSnapshots: [],
      images: [],
      instances: [],
    },
    rds: {
      instances: [],
      clusters: [],
      snapshots: [],
      clusterSnapshots: [],
      instanceAutomatedBackups: [],
      clusterAutomatedBackups: [],
    },
    kms: { keys: [], aliases: [] },
    more: new Map(),
  }
}

/** The sparse account-less Region answers like this one. */
export function cellOf(account: AccountState, region: string): CellState {
  return account.cells.get(region) ?? emptyCell()
}
