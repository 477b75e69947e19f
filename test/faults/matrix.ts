import type { FaultKind } from '../../simulator/fault-kinds.ts'

/** What is called, and what is judged by what it answers, as the headers of the controls say it. */
export interface Place {
  operation: string
  /** Judged by this table and little else: nothing is found where it was not read. */
  own: string[]
  /** Judged by this table among others. */
  shared: string[]
  tables: string[]
}

/** Keys are judged for whatever they encrypt. */
const OF_KEYS = [
  'backup-key-policies-keep-outsiders-out',
  'backup-keys-are-usable',
  'backup-keys-rotate',
  'no-principal-destroys-data-and-keys',
]

const place = (
  operation: string,
  tables: string[],
  own: string[],
  shared: string[] = [],
): Place => ({ operation, tables, own, shared })

/** Lists, and settings that are asked for once; each strikes one cell and nothing beyond. */
export const LISTS = {
  ebsDefaults: place(
    'ec2:GetEbsEncryptionByDefault',
    ['ebs_settings'],
    ['ebs-encryption-by-default-is-on', 'ebs-default-key-is-approved'],
    ['drs-staging-disks-use-approved-keys'],
  ),
  publicAccess: place(
    'ec2:GetSnapshotBlockPublicAccessState',
    ['snapshot_public_access'],
    ['snapshot-public-access-is-blocked'],
    ['blocked-snapshots-are-not-latently-public'],
  ),
  images: place(
    'ec2:DescribeImages',
    ['amis', 'ami_volumes', 'ami_shares'],
    ['amis-are-encrypted', 'amis-are-not-public'],
    ['snapshots-are-shared-only-with-trusted-accounts'],
  ),
  memorydb: place(
    'memorydb:DescribeSnapshots',
    ['memorydb_snapshots'],
    ['memorydb-snapshots-use-approved-keys'],
    OF_KEYS,
  ),
  restoreJobs: place(
    'backup:ListRestoreJobs',
    ['restore_testing_jobs'],
    ['restore-tests-cover-the-protected-types'],
  ),
  topics: place(
    'sns:ListTopics',
    ['sns_topics'],
    ['vaults-notify'],
    ['backup-tampering-raises-an-event'],
  ),
  recycleBin: place(
    'rbin:ListRules',
    ['recycle_bin_rules', 'recycle_bin_rule_tags'],
    ['snapshots-outlive-their-deletion'],
  ),
} satisfies Record<string, Place>

/** Calls for one thing each, which a list named before. */
export const ITEMS = {
  recycleBinRules: place(
    'rbin:GetRule',
    ['recycle_bin_rules', 'recycle_bin_rule_tags'],
    [],
    ['snapshots-outlive-their-deletion'],
  ),
  rdsShares: place(
    'rds:DescribeDBSnapshotAttributes',
    ['rds_snapshot_shares'],
    [],
    ['rds-snapshots-are-not-public', 'snapshots-are-shared-only-with-trusted-accounts'],
  ),
  ebsShares: place(
    'ec2:DescribeSnapshotAttribute',
    ['ebs_snapshot_shares'],
    [],
    [
      'blocked-snapshots-are-not-latently-public',
      'snapshots-are-shared-only-with-trusted-accounts',
    ],
  ),
  vaultNotices: place(
    'backup:GetBackupVaultNotifications',
    ['backup_vault_notifications'],
    [],
    ['vaults-notify'],
  ),
  keyRotation: place('kms:GetKeyRotationStatus', ['kms_key_rotation'], [], ['backup-keys-rotate']),
} satisfies Record<string, Place>

/** An account by its name, and a Region of it. */
export type CellName = `${string}/${string}`

export interface Row {
  kind: FaultKind
  /** What is said of what was not read. */
  cause: string
  list: readonly [keyof typeof LISTS, CellName]
  /** Pages are of lists alone. */
  item?: readonly [keyof typeof ITEMS, CellName]
}

const VAULT = 'backup-vault/us-east-1'
const VAULT_SOUTH = 'backup-vault/eu-south-1'
const PAYMENTS = 'payments-prod/us-east-1'
const PAYMENTS_SOUTH = 'payments-prod/eu-south-1'
const ANALYTICS = 'analytics-prod/us-east-1'

/**
 * What lasts: each fault in cells of its own, at a list and at calls for single things. One audit is struck by all of them at once, since
 * none reaches beyond its cell and its controls.
 */
export const LASTING: Row[] = [
  {
    kind: 'throttle',
    cause: 'throttled',
    list: ['ebsDefaults', VAULT],
    item: ['vaultNotices', PAYMENTS_SOUTH],
  },
  {
    kind: 'internal_error',
    cause: 'error',
    list: ['publicAccess', VAULT],
    item: ['ebsShares', PAYMENTS_SOUTH],
  },
  { kind: 'reset', cause: 'error', list: ['topics', VAULT], item: ['keyRotation', PAYMENTS_SOUTH] },
  {
    kind: 'hang',
    cause: 'timeout',
    list: ['recycleBin', VAULT],
    item: ['recycleBinRules', PAYMENTS_SOUTH],
  },
  {
    kind: 'denied',
    cause: 'denied_iam',
    list: ['memorydb', VAULT],
    item: ['vaultNotices', ANALYTICS],
  },
  {
    kind: 'denied_scp',
    cause: 'denied_scp',
    list: ['images', VAULT],
    item: ['ebsShares', ANALYTICS],
  },
  {
    kind: 'expired_token',
    cause: 'error',
    list: ['ebsDefaults', VAULT_SOUTH],
    item: ['keyRotation', ANALYTICS],
  },
  {
    kind: 'truncated_body',
    cause: 'error',
    list: ['publicAccess', VAULT_SOUTH],
    item: ['rdsShares', PAYMENTS],
  },
  {
    kind: 'slow_body',
    cause: 'timeout',
    list: ['topics', VAULT_SOUTH],
    item: ['recycleBinRules', ANALYTICS],
  },
  {
    kind: 'malformed_body',
    cause: 'error',
    list: ['memorydb', VAULT_SOUTH],
    item: ['ebsShares', PAYMENTS],
  },
  {
    kind: 'empty_body',
    cause: 'error',
    list: ['recycleBin', VAULT_SOUTH],
    item: ['vaultNotices', PAYMENTS],
  },
  {
    kind: 'html_page',
    cause: 'error',
    list: ['images', VAULT_SOUTH],
    item: ['keyRotation', PAYMENTS],
  },
  { kind: 'empty_page', cause: 'error', list: ['images', PAYMENTS_SOUTH] },
  { kind: 'repeated_token', cause: 'error', list: ['restoreJobs', PAYMENTS_SOUTH] },
  { kind: 'expired_page_token', cause: 'error', list: ['memorydb', PAYMENTS_SOUTH] },
]
