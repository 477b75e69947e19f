import type { Cell, Status } from './cell.ts'
import { clearGrants, type Grants, type Statement, silent, unclearGrants } from './vault-grants.ts'

/** A vault's access policy, with what it means by AWS's rules. */
export interface VaultPolicy {
  /** As stored, valid or not. */
  text: string
  /** What nobody but the named exemptions can do. */
  denies: readonly string[]
  /** Set where its Denies cannot be understood. */
  unclear?: boolean
  /** What of the vault's points the Denies are about; absent: all. */
  about?: (pointArn: string) => boolean
  copiesIn: Status
  deadGrants: Status
}

const deletion = ['backup:DeleteRecoveryPoint', 'backup:UpdateRecoveryPointLifecycle']
const allDeletion = [...deletion, 'backup:DisassociateRecoveryPoint']
const tampering = [
  'backup:PutBackupVaultAccessPolicy',
  'backup:DeleteBackupVaultAccessPolicy',
  'backup:DeleteBackupVaultLockConfiguration',
  'backup:DeleteBackupVault',
]
const everything = [...allDeletion, ...tampering]

/** What a vault's own account must not do unless its policy says so. */
export const vaultActions = { deletion, tampering, continuous: 'backup:DisassociateRecoveryPoint' }

type Part = Omit<VaultPolicy, 'text' | 'copiesIn' | 'deadGrants'> & { statements: Statement[] }

/** A vault policy that keeps recovery points from being deleted, and nothing else. */
export function denyDeletion(exemptRoleArn: string): VaultPolicy {
  const statement = {
    Sid: 'KeepRecoveryPoints',
    ...deny(deletion),
    Condition: { ArnNotEquals: { 'aws:PrincipalArn': exemptRoleArn } },
  }
  return policyOf({ statements: [statement], denies: deletion }, silent)
}

/** A document that AWS would not have taken. */
export function brokenPolicy(text: string): VaultPolicy {
  return { text, denies: [], unclear: true, copiesIn: 'unknown', deadGrants: 'unknown' }
}

/** One of the policies that vaults are found with; `unclear` ones only where they are wanted. */
export function variedPolicy(cell: Cell, random: Cell['random'], unclear = false): VaultPolicy {
  const denies = random.pick<(cell: Cell) => Part>([
    ...clearDenies,
    ...(unclear ? unclearDenies : []),
  ])
  const grants = random.chance(0.5)
    ? () => silent
    : random.pick<(cell: Cell) => Grants>([...clearGrants, ...(unclear ? unclearGrants : [])])
  return policyOf(denies(cell), grants(cell))
}

function policyOf({ statements, ...part }: Part, grants: Grants): VaultPolicy {
  const { copiesIn, deadGrants } = grants
  const Statement = [...statements, ...grants.statements]
  return {
    ...part,
    copiesIn,
    deadGrants,
    text: JSON.stringify({ Version: '2012-10-17', Statement }),
  }
}

function deny(actions: readonly string[] | string): Statement {
  return { Effect: 'Deny', Principal: '*', Action: actions, Resource: '*' }
}

const roleArn = (cell: Cell, name: string) => `arn:aws:iam::${cell.accountId}:role/${name}`

function unlessRole(cell: Cell): Statement {
  return { Condition: { ArnNotLike: { 'aws:PrincipalArn': roleArn(cell, 'BackupAdministrator') } } }
}

const clearDenies: [(cell: Cell) => Part, ...((cell: Cell) => Part)[]] = [
  (cell) => ({ statements: [{ ...deny(everything), ...unlessRole(cell) }], denies: everything }),
  // Several statements add up, whatever the case of a name.
  (cell) => ({
    statements: [
      { ...deny('BACKUP:deleterecoverypoint'), Principal: { AWS: '*' } },
      { ...deny(everything.slice(1)), ...unlessRole(cell) },
    ],
    denies: everything,
  }),
  // What one statement spares, another denies.
  (cell) => ({
    statements: [{ ...deny(allDeletion), ...unlessRole(cell) }, deny(everything)],
    denies: everything,
  }),
  (cell) => ({
    statements: [
      {
        Effect: 'Deny',
        NotPrincipal: {
          AWS: [`arn:aws:iam::${cell.accountId}:root`, roleArn(cell, 'BackupAdministrator')],
        },
        Action: everything,
        Resource: '*',
      },
    ],
    denies: everything,
  }),
  () => ({
    statements: [
      {
        ...deny(everything),
        Condition: { StringNotLike: { 'aws:userId': ['AROAEXAMPLEEXAMPLE00:*'] } },
      },
    ],
    denies: everything,
  }),
  (cell) => named(cell, true),
  (cell) => named(cell, false),
  // The policy that AWS gives the automatic vault of EFS.
  () => ({
    statements: [
      deny([
        'backup:DeleteBackupVault',
        'backup:DeleteBackupVaultAccessPolicy',
        'backup:DeleteRecoveryPoint',
        'backup:StartCopyJob',
        'backup:StartRestoreJob',
        'backup:UpdateRecoveryPointLifecycle',
      ]),
    ],
    denies: [...deletion, 'backup:DeleteBackupVault', 'backup:DeleteBackupVaultAccessPolicy'],
  }),
  (cell) => ({
    statements: [{ ...deny(['backup:DeleteRecoveryPoint', ...tampering]), ...unlessRole(cell) }],
    denies: ['backup:DeleteRecoveryPoint', ...tampering],
  }),
  // Denied to one role, and so to nobody else.
  (cell) => ({
    statements: [{ ...deny(everything), Principal: { AWS: roleArn(cell, 'Developer') } }],
    denies: [],
  }),
  // Spares every role of the account.
  (cell) => ({
    statements: [
      {
        ...deny(everything),
        Condition: { StringNotLike: { 'aws:PrincipalArn': roleArn(cell, '*') } },
      },
    ],
    denies: [],
  }),
  () => ({ statements: [deny('backup:StartCopyJob')], denies: [] }),
]

/** Denies what is named: recovery points by the ARNs of their services, of which RDS may be forgotten. */
function named({ region, accountId }: Cell, whole: boolean): Part {
  const own = (service: string, rest: string) => `arn:aws:${service}:${region}:${accountId}:${rest}`
  const points = [
    own('backup', 'recovery-point:'),
    own('dynamodb', 'table/'),
    `arn:aws:ec2:${region}::snapshot/`,
    `arn:aws:ec2:${region}::image/`,
    ...(whole ? [own('rds', 'snapshot:'), own('rds', 'cluster-snapshot:')] : []),
  ]
  const Resource = [...points, own('backup', 'backup-vault:')].map((prefix) => `${prefix}*`)
  return {
    statements: [{ ...deny(everything), Resource }],
    denies: everything,
    about: (arn) => points.some((prefix) => arn.startsWith(prefix)),
  }
}

const unclearDenies: ((cell: Cell) => Part)[] = [
  // AWS documents that wildcards do not work here, and not what they do.
  () => ({ statements: [deny('backup:*')], denies: [], unclear: true }),
  () => ({
    statements: [
      {
        ...deny(everything),
        Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
      },
    ],
    denies: [],
    unclear: true,
  }),
]
