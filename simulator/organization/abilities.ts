import type { Powers } from './principals.ts'

/** A statement of a policy. */
export interface Statement {
  Sid?: string
  Effect?: 'Allow' | 'Deny'
  Principal?: Record<string, string | string[]>
  Action?: string | string[]
  NotAction?: string | string[]
  Resource?: string | string[]
  Condition?: Record<string, Record<string, string | string[]>>
}

/** A statement, with what it makes its holder able to do. */
export interface Ability {
  statement: Statement
  powers: Powers
}

function ability(actions: string[], powers: Powers, resource = '*'): Ability {
  return { statement: { Effect: 'Allow', Action: actions, Resource: resource }, powers }
}

/** Destroys live data, and no backup by it: deleting a database instance would take its automated backups along. */
export const destroysStores = ability(
  [
    'dynamodb:DeleteTable',
    'ec2:DeleteVolume',
    'ec2:TerminateInstances',
    'elasticfilesystem:DeleteFileSystem',
  ],
  { destroy_data: ['dynamodb', 'ec2', 'efs'] },
)

/** Reads and writes items. */
export const writesItems = ability(
  [
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    's3:GetObject',
    's3:PutObject',
  ],
  { read_backup_data: ['s3'], write_data: ['dynamodb', 's3'] },
)

/** Deletes databases and, unless it is asked not to, their automated backups. */
export const deletesDatabases = ability(['rds:DeleteDBCluster', 'rds:DeleteDBInstance'], {
  destroy_data: ['rds'],
  destroy_backups: ['rds'],
})

/** Deletes recovery points and snapshots. */
export const deletesBackups = ability(
  [
    'backup:DeleteRecoveryPoint',
    'backup:UpdateRecoveryPointLifecycle',
    'dynamodb:DeleteBackup',
    'ec2:DeleteSnapshot',
    'rds:DeleteDBClusterSnapshot',
    'rds:DeleteDBSnapshot',
  ],
  { destroy_backups: ['backup', 'dynamodb', 'ec2', 'rds'] },
)

/** Takes locks and policies from vaults. */
export const unlocksVaults = ability(
  [
    'backup:DeleteBackupVaultAccessPolicy',
    'backup:DeleteBackupVaultLockConfiguration',
    'backup:PutBackupVaultAccessPolicy',
  ],
  { unlock_vaults: ['backup'], share_backups: ['backup'] },
)

/** Looks at backups, and makes them. */
export const runsBackups = ability(
  ['backup:Describe*', 'backup:Get*', 'backup:List*', 'backup:StartBackupJob'],
  {},
)

/** Reads what snapshots hold, block by block. */
export const readsSnapshots = ability(
  ['ebs:GetSnapshotBlock', 'ebs:ListChangedBlocks', 'ebs:ListSnapshotBlocks'],
  { read_backup_data: ['ec2'] },
)

/** Starts restores, with the one role that they need. */
export function restores(roleArn: string): Ability[] {
  return [
    ability(['backup:DescribeRestoreJob', 'backup:StartRestoreJob'], { restore: ['backup'] }),
    {
      statement: {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: roleArn,
        Condition: { StringEquals: { 'iam:PassedToService': 'backup.amazonaws.com' } },
      },
      powers: {},
    },
  ]
}

/** Several abilities as one policy, and what they give together. */
export function together(...abilities: Ability[]): { statements: Statement[]; powers: Powers } {
  const powers: Record<string, readonly string[]> = {}
  for (const one of abilities) {
    for (const [power, services] of Object.entries(one.powers)) {
      powers[power] = [...new Set([...(powers[power] ?? []), ...services])].sort()
    }
  }
  return { statements: abilities.map(({ statement }) => statement), powers }
}
