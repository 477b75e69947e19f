import { createHash } from 'node:crypto'
import type { PolicyType } from '@aws-sdk/client-organizations'
import { denialStatement } from '../iam-documents.ts'
import type { OrganizationPolicies, OrganizationState, SimulatedPolicy } from '../state.ts'
import { organizationId } from './accounts.ts'
import { backupPolicies } from './backup-policies.ts'
import type { Planting } from './planting.ts'

/** The account that keeps backups apart, and administers AWS Backup for the organization. */
export const backupAccount = 'backup-vault'

/** The role of people that the guardrail on backups spares, in every account that it holds in. */
export const backupAdministrator = 'BackupAdministrator'

/** The role that AWS Backup works with, with its path. */
export const backupServiceRole = 'service-role/AWSBackupDefaultServiceRole'

/** What nobody but the backup administrator does where the guardrail holds. */
export const tampering = [
  'backup:DeleteBackupVault',
  'backup:DeleteBackupVaultAccessPolicy',
  'backup:DeleteBackupVaultLockConfiguration',
  'backup:DeleteRecoveryPoint',
  'backup:DisassociateRecoveryPoint',
  'backup:PutBackupVaultAccessPolicy',
  'backup:PutBackupVaultLockConfiguration',
  'backup:UpdateRecoveryPointLifecycle',
  'ec2:DeleteSnapshot',
  'ec2:DeregisterImage',
  'kms:DisableKey',
  'kms:ScheduleKeyDeletion',
  'rds:DeleteDBClusterAutomatedBackup',
  'rds:DeleteDBClusterSnapshot',
  'rds:DeleteDBInstanceAutomatedBackup',
  'rds:DeleteDBSnapshot',
]

/** The policies of an organization. What of them the simulator enforces is made from what it enforces. */
export function plantPolicies(
  { accounts, options }: Planting,
  state: OrganizationState,
): OrganizationPolicies {
  const idOf = (name: string) => accounts.get(name)?.account.Id ?? ''
  const everywhere = placesOf(state)
  const policy = (type: PolicyType, name: string, content: object, targets: string[]) =>
    customPolicy(state, { type, name, content, targets })
  const policies = [
    policyOfAws('SERVICE_CONTROL_POLICY', 'FullAWSAccess', everywhere),
    policyOfAws('RESOURCE_CONTROL_POLICY', 'RCPFullAWSAccess', everywhere),
  ]
  if (options.story) {
    const targets = ['ou-ab12-payments', idOf(backupAccount)]
    policies.push(
      policy('SERVICE_CONTROL_POLICY', 'protect-backups', guardrail(), targets),
      policy('RESOURCE_CONTROL_POLICY', 'own-identities', fence(), ['ou-ab12-security']),
      ...backupPolicies().map(({ name, plans, target }) =>
        policy('BACKUP_POLICY', name, { plans }, target),
      ),
      ...fences(state),
    )
  }
  return {
    types: [
      { Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' },
      { Type: 'RESOURCE_CONTROL_POLICY', Status: 'ENABLED' },
      { Type: 'BACKUP_POLICY', Status: 'ENABLED' },
    ],
    policies,
    backupAdministrators: options.story ? [idOf(backupAccount)] : [],
  }
}

/** The root, every OU and every account: what AWS attaches its full access to. */
function placesOf({ accounts }: OrganizationState): string[] {
  const paths = [...accounts.values()].flatMap(({ account }) => account.Paths ?? [])
  const parts = paths.flatMap((path) => path.split('/')).filter(Boolean)
  return [...new Set(parts.filter((part) => !part.startsWith('o-')))]
}

const FULL_ACCESS = {
  SERVICE_CONTROL_POLICY: { Effect: 'Allow', Action: '*', Resource: '*' },
  RESOURCE_CONTROL_POLICY: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' },
}

function policyOfAws(
  type: keyof typeof FULL_ACCESS,
  name: string,
  targets: string[],
): SimulatedPolicy {
  const Id = `p-${name}`
  return {
    summary: {
      Id,
      Arn: `arn:aws:organizations::aws:policy/${type.toLowerCase()}/${Id}`,
      Name: name,
      Type: type,
      AwsManaged: true,
    },
    content: JSON.stringify({ Version: '2012-10-17', Statement: [FULL_ACCESS[type]] }),
    targets,
  }
}

function customPolicy(
  { id, managementAccountId }: OrganizationState,
  {
    type,
    name,
    content,
    targets,
  }: {
    type: PolicyType
    name: string
    content: object
    targets: string[]
  },
): SimulatedPolicy {
  const Id = `p-${createHash('sha256').update(name).digest('hex').slice(0, 10)}`
  const place = `arn:aws:organizations::${managementAccountId}:policy/${id}`
  return {
    summary: {
      Id,
      Arn: `${place}/${type.toLowerCase()}/${Id}`,
      Name: name,
      Type: type,
      AwsManaged: false,
    },
    content: JSON.stringify(content),
    targets,
  }
}

/** One policy for each account in which the simulator enforces denials. */
function fences(state: OrganizationState): SimulatedPolicy[] {
  return [...state.accounts].flatMap(([accountId, { account, serviceControlDenials }]) =>
    serviceControlDenials.length === 0
      ? []
      : customPolicy(state, {
          type: 'SERVICE_CONTROL_POLICY',
          name: `fence-${account.Name}`,
          content: {
            Version: '2012-10-17',
            Statement: serviceControlDenials.map(denialStatement),
          },
          targets: [accountId],
        }),
  )
}

function guardrail(): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'ProtectBackups',
        Effect: 'Deny',
        Action: tampering,
        Resource: '*',
        Condition: {
          ArnNotLike: {
            // AWS Backup deletes what has expired as the role that it is given.
            'aws:PrincipalArn': [backupAdministrator, backupServiceRole].map(
              (role) => `arn:aws:iam::*:role/${role}`,
            ),
          },
        },
      },
    ],
  }
}

/** Keys and buckets answer to the organization's own identities, and to AWS's services. */
function fence(): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OwnIdentities',
        Effect: 'Deny',
        Principal: '*',
        Action: ['kms:*', 's3:*'],
        Resource: '*',
        Condition: {
          StringNotEqualsIfExists: { 'aws:PrincipalOrgID': organizationId },
          BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
        },
      },
    ],
  }
}
