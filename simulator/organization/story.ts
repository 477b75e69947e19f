import type { AccountState } from '../state.ts'
import type { Cell } from './cell.ts'
import { managedKey, plantKey, unreadableKey } from './keys.ts'
import type { FaultSpec } from './options.ts'
import type { Planting } from './planting.ts'
import { accountWideControls, judgedControls } from './plants.ts'
import { plantRecoveryPoint } from './recovery-points.ts'
import { organizationControls } from './separation.ts'
import { plantBrokenKeys, plantCentralVaults, plantVaultTraps } from './story-backup.ts'
import { plantDiskTraps, plantStorageTraps } from './story-storage.ts'
import { brokenPolicy } from './vault-policies.ts'
import { plantVault } from './vaults.ts'

const suspended = 'decommissioned-web'
const withoutRole = 'legacy-erp-prod'
const backupDenied = { account: 'payments-test', region: 'eu-west-1' }
const scpDenied = { account: 'analytics-test', region: 'eu-central-1' }

/** Whether an audit gets into the account at all. */
export function canEnter(story: boolean, account: string): boolean {
  return !story || (account !== suspended && account !== withoutRole)
}

/** What an audit can read in the cell, for what the story denies. */
export function readsOf(story: boolean, account: string, region: string): Cell['reads'] {
  if (!story) return () => true
  const here = (place: typeof scpDenied) => place.account === account && place.region === region
  if (account === suspended || account === withoutRole || here(scpDenied)) return () => false
  return (service) => !(service === 'backup' && here(backupDenied))
}

/** Sets up what the story denies, and expects what cannot be said because of it. */
export function openStory({ accounts, ledger }: Planting): void {
  const erp = accounts.get(withoutRole)
  if (erp) erp.roles = []
  const ofOrganization = new Set<string>(organizationControls)
  expectUnknown(
    judgedControls().filter((control) => !ofOrganization.has(control)),
    erp,
    'global',
  )
  const test = accounts.get(backupDenied.account)
  test?.roles[0]?.deny.push({ actions: ['backup:*'], regions: [backupDenied.region] })
  expectUnknown(judgedControls('backup'), test, backupDenied.region)
  const fenced = accounts.get(scpDenied.account)
  fenced?.serviceControlDenials.push({ actions: ['*'], regions: [scpDenied.region] })
  expectUnknown(judgedControls(), fenced, scpDenied.region)

  function expectUnknown(controls: string[], account: AccountState | undefined, region: string) {
    for (const control of controls) {
      if (region !== 'global' && accountWideControls.has(control)) continue
      ledger.scopeUnknown(control, account?.account.Id ?? '', region)
    }
  }
}

/** Plants the special cases into the cells that have their ordinary workload. */
export function closeStory(planting: Planting): void {
  const { accounts, cell } = planting
  const central = plantCentralVaults(cell('backup-vault', 'us-east-1'), {
    payments: cell('payments-prod', 'us-east-1'),
    analytics: cell('analytics-prod', 'us-east-1'),
  })
  plantVaultTraps(cell('payments-prod', 'us-east-1'), central)
  plantVaultTraps(cell('sandbox-dev', 'eu-west-1'), central)
  plantBrokenKeys(cell('analytics-prod', 'eu-west-1'), {
    suspended: plantKey(cell(suspended, 'eu-west-1'), 'rotating', 'old-web'),
    withoutRole: plantKey(cell(withoutRole, 'eu-west-1'), 'rotating', 'erp-backups'),
  })
  plantDeniedKey(planting, accounts.get('orders-prod'))
  for (const region of ['us-east-1', 'eu-west-1'])
    for (const name of ['customer-data-prod', 'sandbox-ml']) {
      plantDiskTraps(cell(name, region))
      plantStorageTraps(cell(name, region))
    }
}

/**
 * One key that the auditor may list but not describe: what hangs on it cannot be judged, and whether it rotates is not known, so
 * that the cell cannot be said to have all its keys rotating.
 */
function plantDeniedKey(planting: Planting, account: AccountState | undefined): void {
  const cell = planting.cell('orders-prod', 'us-east-1')
  for (const control of ['backup-keys-rotate', 'backup-key-policies-keep-outsiders-out'])
    planting.ledger.scopeUnknown(control, account?.account.Id ?? '', 'us-east-1')
  const { arn } = plantKey(cell, 'rotating', 'cardholder-backups')
  account?.roles[0]?.deny.push({ actions: ['kms:DescribeKey'], resources: [arn] })
  const key = unreadableKey(arn)
  const vault = plantVault(cell, {
    name: 'cardholder',
    key,
    lock: 'compliance',
    policy: brokenPolicy('{}'),
  })
  plantRecoveryPoint(vault, { type: 'EFS', name: 'cardholder-files' })
  plantRecoveryPoint(vault, { type: 'EBS', key, name: 'cardholder-db' })
  plantRecoveryPoint(vault, { type: 'EBS', key: managedKey(cell, 'ebs') })
}

/** Faults that a run must survive without a changed finding. */
export function faultsOf(accounts: Map<string, AccountState>): FaultSpec[] {
  const fault = (name: string, rest: Omit<FaultSpec, 'account'>): FaultSpec => ({
    ...rest,
    account: accounts.get(name)?.account.Id ?? '',
  })
  const points = 'backup:ListRecoveryPointsByBackupVault'
  return [
    fault('payments-prod', { operation: points, nth: 1, times: 2, kind: 'throttle' }),
    fault('orders-prod', { operation: points, nth: 2, times: 2, kind: 'throttle' }),
    fault('analytics-prod', {
      operation: 'rds:DescribeDBSnapshots',
      region: 'eu-west-1',
      nth: 1,
      times: 1,
      kind: 'expired_token',
    }),
    fault('customer-data-prod', {
      operation: 'ec2:DescribeVolumes',
      region: 'us-east-1',
      nth: 1,
      times: 1,
      kind: 'internal_error',
    }),
    fault('sandbox-ml', {
      operation: 'kms:ListAliases',
      region: 'eu-central-1',
      nth: 1,
      times: 1,
      kind: 'reset',
    }),
  ]
}
