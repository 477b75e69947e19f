import type {
  BackupRule,
  BackupVaultListMember,
  RecoveryPointByBackupVault,
  RestoreJobsListMember,
  RestoreTestingSelectionForGet,
} from '@aws-sdk/client-backup'
import { accountResource, arnOf, type Cell, days, type Status, verdict } from './cell.ts'

/** Expects what hangs on more than one planted thing, and so can be said only when everything is planted. */
export function expectAfterwards(cells: readonly Cell[], ownAccounts: ReadonlySet<string>): void {
  expectFittingRetention(cells)
  for (const cell of cells) {
    expectCompletePoints(cell)
    expectTrustedCopies(cell, ownAccounts)
    expectRestoreTests(cell)
  }
}

/** The latest point of each resource in each vault, parents included: that a member is missing they tell alone. */
function expectCompletePoints(cell: Cell): void {
  for (const points of cell.state.backup.recoveryPoints.values()) {
    const latest = new Map<string, RecoveryPointByBackupVault>()
    for (const point of points.filter(isThere)) {
      const source = point.ResourceArn ?? ''
      const other = latest.get(source)
      if (!other || createdAt(point) > createdAt(other)) latest.set(source, point)
    }
    for (const { RecoveryPointArn = '', Status } of latest.values()) {
      const complete = Status !== 'PARTIAL' && Status !== 'EXPIRED'
      const resource = [RecoveryPointArn, 'AwsBackupRecoveryPoint'] as const
      const control = 'recovery-points-are-complete'
      cell.ledger.expect(cell, 'backup', control, verdict(complete), resource)
    }
  }
}

function createdAt({ CreationDate }: RecoveryPointByBackupVault): number {
  return CreationDate?.getTime() ?? 0
}

/** Whether a point is neither being made nor being deleted. */
function isThere({ Status }: RecoveryPointByBackupVault): boolean {
  return Status !== 'DELETING' && Status !== 'CREATING'
}

/** What a plan copies to other accounts, what was copied to them in the last 35 days, and what came from them. */
function expectTrustedCopies(cell: Cell, ownAccounts: ReadonlySet<string>): void {
  const { plans, copyJobs, recoveryPoints } = cell.state.backup
  const expect = (arn: string, kind: string, others: (string | undefined)[]) => {
    const accounts = others.flatMap((other) => other?.split(':')[4] ?? [])
    const abroad = accounts.filter((account) => account !== cell.accountId)
    if (abroad.length === 0) return
    const trusted = abroad.every((account) => ownAccounts.has(account))
    const resource = [arn, kind] as const
    cell.ledger.expect(
      cell,
      'backup',
      'copies-stay-in-trusted-accounts',
      verdict(trusted),
      resource,
    )
  }
  for (const { BackupPlanArn, plan } of plans) {
    const copies = plan.Rules.flatMap((rule) => rule.CopyActions ?? [])
    const others = copies.map((copy) => copy.DestinationBackupVaultArn)
    expect(BackupPlanArn, 'AwsBackupBackupPlan', others)
  }
  const since = days(cell, -35)
  for (const { BackupVaultArn = '', BackupVaultName = '' } of cell.state.backup.vaults) {
    const jobs = copyJobs.filter(
      ({ CreationDate, SourceBackupVaultArn }) =>
        SourceBackupVaultArn === BackupVaultArn && CreationDate && CreationDate > since,
    )
    const points = (recoveryPoints.get(BackupVaultName) ?? []).filter(isThere)
    expect(BackupVaultArn, 'AwsBackupBackupVault', [
      ...jobs.map((job) => job.DestinationBackupVaultArn),
      ...points.map((point) => point.SourceBackupVaultArn),
    ])
  }
}

/** The types that restore testing knows (its API reference, `RestoreTestingSelectionForCreate`), as far as they are planted. */
const TESTABLE = new Set(['DynamoDB', 'EBS', 'EC2', 'EFS', 'FSx', 'RDS', 'S3', 'Aurora'])

/** Each type that the cell holds backups of is to be restored for trial at least every 90 days. */
function expectRestoreTests(cell: Cell): void {
  const { recoveryPoints, restoreTestingSelections, restoreJobs } = cell.state.backup
  const whole = [...recoveryPoints.values()]
    .flat()
    .filter((point) => !point.ParentRecoveryPointArn && isThere(point))
  const since = days(cell, -90)
  for (const type of new Set(whole.map(({ ResourceType = '' }) => ResourceType))) {
    if (!TESTABLE.has(type)) continue
    const selections = restoreTestingSelections.filter((one) => one.ProtectedResourceType === type)
    const proofs = restoreJobs.filter((job) => job.ResourceType === type && proves(job, since))
    const sources = whole.flatMap((one) => (one.ResourceType === type ? [one.ResourceArn] : []))
    const control = 'restore-tests-cover-the-protected-types'
    const [account] = accountResource(cell)
    const resource = [`${account}/restore-tests/${type}`, 'AwsAccount'] as const
    cell.ledger.expect(cell, 'backup', control, testedAs(selections, proofs, sources), resource)
  }
}

/**
 * A selection takes in all of its type, what it names, or what meets its conditions: which resources those are nobody can tell
 * but by their having been restored.
 */
function testedAs(
  selections: readonly RestoreTestingSelectionForGet[],
  proofs: readonly RestoreJobsListMember[],
  sources: readonly (string | undefined)[],
): Status {
  if (selections.length === 0 || proofs.length === 0) return 'fail'
  const ways = selections.map(({ ProtectedResourceArns, ProtectedResourceConditions }) => ({
    named: ProtectedResourceArns ?? [],
    conditional: ProtectedResourceConditions !== undefined,
  }))
  if (ways.some(({ named, conditional }) => named.includes('*') && !conditional)) return 'pass'
  const tested = new Set([
    ...ways.flatMap(({ named }) => named),
    ...proofs.map(({ SourceResourceArn }) => SourceResourceArn),
  ])
  if (sources.every((source) => tested.has(source))) return 'pass'
  return ways.some(({ conditional }) => conditional) ? 'unknown' : 'fail'
}

/** Whether a job of a restore test shows that a backup could be restored. */
function proves(job: RestoreJobsListMember, since: Date): boolean {
  const { CreatedBy, Status, ValidationStatus = 'SUCCESSFUL', CompletionDate } = job
  const succeeded = Status === 'COMPLETED' && ValidationStatus === 'SUCCESSFUL'
  return CreatedBy !== undefined && succeeded && (CompletionDate ?? 0) >= since
}

/** A lock refuses backups and copies that would be kept shorter or longer than it admits. */
function expectFittingRetention(cells: readonly Cell[]): void {
  const kept = keptByVault(cells)
  for (const cell of cells)
    for (const vault of cell.state.backup.vaults) {
      const arn = vault.BackupVaultArn ?? ''
      const retentions = kept.get(arn)
      if (!retentions || !bindsRetention(vault)) continue
      const fits = retentions.every((days) => admits(vault, days))
      const resource = [arn, 'AwsBackupBackupVault'] as const
      const control = 'vault-lock-retention-fits-the-plans'
      cell.ledger.expect(cell, 'backup', control, verdict(fits), resource)
    }
}

/** How long the plans that an audit can read keep what they put into each vault. */
function keptByVault(cells: readonly Cell[]): Map<string, number[]> {
  const kept = new Map<string, number[]>()
  for (const cell of cells.filter((one) => one.reads('backup')))
    for (const { plan } of cell.state.backup.plans)
      for (const [vaultArn, days] of plan.Rules.flatMap((rule) => keptBy(rule, cell)))
        kept.set(vaultArn, [...(kept.get(vaultArn) ?? []), days])
  return kept
}

function keptBy(rule: BackupRule, cell: Cell): [vaultArn: string, days: number][] {
  const days = rule.Lifecycle?.DeleteAfterDays ?? Infinity
  const gapped = rule.TargetLogicallyAirGappedBackupVaultArn
  return [
    [arnOf(cell, 'backup', `backup-vault:${rule.TargetBackupVaultName}`), days],
    ...(gapped ? [[gapped, days] as [string, number]] : []),
    // A copy without a retention of its own is kept like the backup that it was made of.
    ...(rule.CopyActions ?? []).map(({ DestinationBackupVaultArn = '', Lifecycle }) => {
      return [DestinationBackupVaultArn, Lifecycle?.DeleteAfterDays ?? days] as [string, number]
    }),
  ]
}

function bindsRetention(vault: BackupVaultListMember): boolean {
  const { Locked, VaultState, MinRetentionDays, MaxRetentionDays } = vault
  const bounded = MinRetentionDays !== undefined || MaxRetentionDays !== undefined
  return Locked === true && VaultState === 'AVAILABLE' && bounded
}

function admits(vault: BackupVaultListMember, days: number): boolean {
  return days >= (vault.MinRetentionDays ?? 0) && days <= (vault.MaxRetentionDays ?? Infinity)
}
