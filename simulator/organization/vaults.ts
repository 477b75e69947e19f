import type { BackupRule, BackupSelection, BackupVaultListMember } from '@aws-sdk/client-backup'
import type { CellState } from '../state.ts'
import { arnOf, type Cell, days, type Key, past, type Status, verdict } from './cell.ts'
import { hangPolicy } from './vault-access.ts'
import type { VaultPolicy } from './vault-policies.ts'

/** How a vault is locked. */
export type Lock = 'none' | 'governance' | 'cooling-off' | 'compliance'

/** A planted vault. */
export interface Vault {
  cell: Cell
  name: string
  arn: string
  /** undefined: a key that AWS owns. */
  key: Key | undefined
  airGapped: boolean
  member: BackupVaultListMember
  /** Expects the findings on the vault, once; called by all that makes a vault matter. */
  judge: () => void
}

/** What is special about a vault. */
export interface VaultOptions {
  name: string
  key: Key | undefined
  lock?: Lock
  airGapped?: boolean
  policy?: VaultPolicy
  notifications?: boolean
  state?: 'AVAILABLE' | 'CREATING' | 'FAILED'
  /** Retention in days that its lock admits; 7 to 365 unless told. */
  bounds?: { MinRetentionDays?: number; MaxRetentionDays?: number }
}

const judgedIn = new WeakMap<CellState, { name: string; arn: string }[]>()

/** The vaults of a cell that something has made matter so far. */
export function judgedVaults({ state }: Cell): readonly { name: string; arn: string }[] {
  return judgedIn.get(state) ?? []
}

/** Plants a vault. It is judged only when something makes it matter: a recovery point, a plan. */
export function plantVault(cell: Cell, options: VaultOptions): Vault {
  const { name, key, airGapped = false } = options
  const lock = airGapped ? 'compliance' : (options.lock ?? 'none')
  const arn = arnOf(cell, 'backup', `backup-vault:${name}`)
  const member: BackupVaultListMember = {
    BackupVaultName: name,
    BackupVaultArn: arn,
    VaultType: airGapped ? 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' : 'BACKUP_VAULT',
    VaultState: options.state ?? 'AVAILABLE',
    CreationDate: past(cell),
    ...(key ? { EncryptionKeyArn: key.arn } : {}),
    EncryptionKeyType: key ? 'CUSTOMER_MANAGED_KMS_KEY' : 'AWS_OWNED_KMS_KEY',
    NumberOfRecoveryPoints: 0,
    ...lockMembers(cell, lock, options.bounds),
  }
  cell.state.backup.vaults.push(member)
  if (options.policy) hangPolicy(cell, member, options.policy)
  if (options.notifications)
    cell.state.backup.vaultNotifications.set(name, {
      SNSTopicArn: arnOf(cell, 'sns', 'backup-events'),
      BackupVaultEvents: ['BACKUP_JOB_FAILED', 'COPY_JOB_FAILED', 'RECOVERY_POINT_MODIFIED'],
    })
  let judged = name === 'aws/efs/automatic-backup-vault' || member.VaultState !== 'AVAILABLE'
  const judge = () => {
    if (judged) return
    judged = true
    expectVault(cell, arn, options, lock)
    judgedIn.set(cell.state, [...judgedVaults(cell), { name, arn }])
  }
  return { cell, name, arn, key, airGapped, member, judge }
}

function lockMembers(
  cell: Cell,
  lock: Lock,
  bounds: VaultOptions['bounds'] = { MinRetentionDays: 7, MaxRetentionDays: 365 },
): Partial<BackupVaultListMember> {
  if (lock === 'none') return { Locked: false }
  const date = { compliance: days(cell, -100), 'cooling-off': days(cell, 2), governance: undefined }
  const LockDate = date[lock]
  return { Locked: true, ...bounds, ...(LockDate ? { LockDate } : {}) }
}

function expectVault(cell: Cell, arn: string, options: VaultOptions, lock: Lock): void {
  const expect = (control: string, status: Status) =>
    cell.ledger.expect(cell, 'backup', control, status, [arn, 'AwsBackupBackupVault'])
  const { key, airGapped = false, policy } = options
  expect('backup-vaults-use-approved-keys', key ? key.approved : verdict(airGapped))
  expect('backup-vaults-are-locked', verdict(lock !== 'none'))
  if (lock !== 'none') expect('vault-locks-are-in-compliance-mode', verdict(lock === 'compliance'))
  if (!airGapped) expect('vaults-have-a-policy', policyStatus(policy?.text))
  if (key) cell.ledger.hang(cell, 'backup', key)
}

function policyStatus(policy: string | undefined): Status {
  if (policy === undefined) return 'fail'
  return policy.startsWith('{') && policy.endsWith('}') ? 'pass' : 'unknown'
}

/** What a plan does. */
export interface PlanOptions {
  name: string
  target: Vault
  airGappedTarget?: Vault
  copyTo?: Vault[]
  /** Retention in days of the backups and of their copies; 35 and 90 unless told. */
  kept?: number | 'forever'
  copyKept?: number | 'forever'
  /** Vaults outside the organization that it copies to. */
  foreignCopies?: string[]
  /** Every day at five where none is given. */
  schedule?: string
  /** By the tag `backup=daily` where none is given. */
  selections?: Omit<BackupSelection, 'IamRoleArn'>[]
}

const byTag: Omit<BackupSelection, 'IamRoleArn'> = {
  SelectionName: 'tagged',
  ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'daily' }],
}

/** Plants a plan with one rule and one selection; the vaults that it names thereby matter. */
export function plantPlan(cell: Cell, options: PlanOptions): string {
  const { name, target, airGappedTarget, copyTo = [], kept = 35, copyKept = 90 } = options
  const destinations = [...copyTo.map(({ arn }) => arn), ...(options.foreignCopies ?? [])]
  const id = cell.random.uuid()
  const rule: BackupRule = {
    RuleId: cell.random.uuid(),
    RuleName: 'daily',
    TargetBackupVaultName: target.name,
    ...(airGappedTarget ? { TargetLogicallyAirGappedBackupVaultArn: airGappedTarget.arn } : {}),
    ScheduleExpression: options.schedule ?? 'cron(0 5 ? * * *)',
    ScheduleExpressionTimezone: 'Etc/UTC',
    StartWindowMinutes: 60,
    CompletionWindowMinutes: 240,
    ...lifecycle(kept),
    CopyActions: destinations.map((DestinationBackupVaultArn) => ({
      DestinationBackupVaultArn,
      ...lifecycle(copyKept),
    })),
  }
  cell.state.backup.plans.push({
    BackupPlanId: id,
    BackupPlanArn: arnOf(cell, 'backup', `backup-plan:${id}`),
    VersionId: cell.random.text(48, 'ABCDEFabcdef0123456789'),
    CreationDate: past(cell),
    plan: { BackupPlanName: name, Rules: [rule] },
    selections: (options.selections ?? [byTag]).map((selection) => ({
      SelectionId: cell.random.uuid(),
      CreationDate: past(cell),
      selection: {
        IamRoleArn: `arn:aws:iam::${cell.accountId}:role/service-role/AWSBackupDefaultServiceRole`,
        ...selection,
      },
    })),
  })
  if (options.foreignCopies && cell.reads('backup')) cell.ledger.copyingAbroad.add(cell.accountId)
  if (cell.reads('backup')) for (const vault of [target, airGappedTarget, ...copyTo]) vault?.judge()
  return id
}

function lifecycle(kept: number | 'forever'): { Lifecycle?: { DeleteAfterDays: number } } {
  return kept === 'forever' ? {} : { Lifecycle: { DeleteAfterDays: kept } }
}
