import type { AccountState } from '../state.ts'
import {
  deletesBackups,
  deletesDatabases,
  destroysStores,
  readsSnapshots,
  restores,
  runsBackups,
  type Statement,
  together,
  unlocksVaults,
  writesItems,
} from './abilities.ts'
import { quietAccounts } from './accounts.ts'
import { plantLooseBackupRoles } from './backup-roles.ts'
import type { Planting } from './planting.ts'
import { backupAdministrator, backupServiceRole } from './policies.ts'
import { Cast, type PlantedPrincipal, type Powers } from './principals.ts'

/** The account whose data administrators cannot touch backups, nor its backup administrators data. */
const separated = 'payments-prod'
/** The account that keeps backups apart; nobody comes into it but who looks after them. */
const keeper = 'backup-vault'
/** Accounts whose restore automation can destroy what it restores. */
const loose = new Set(['analytics-prod', 'sandbox-dev'])

/** What AWS's own policies for backup and restore roles give over everything, without a condition. */
const ofTheBackupService: Powers = {
  destroy_data: ['ec2', 'efs', 'rds'],
  destroy_backups: ['dynamodb', 'ec2', 'fsx', 'rds', 'redshift'],
  restore: ['backup', 'dynamodb', 'ec2', 'efs', 'rds', 'redshift'],
}

/** Plants the people and roles of every account; what each can do is told by account name. */
export function plantPeople({
  accounts,
  options,
}: Pick<Planting, 'accounts' | 'options'>): Map<string, PlantedPrincipal[]> {
  const [management] = [...accounts.values()]
  const managementId = management?.account.Id ?? ''
  return new Map(
    [...accounts].map(([name, account]) => {
      const accountId = account.account.Id ?? ''
      const cast = new Cast(accountId, account)
      plantAlways(cast, accountId)
      if (name === separated && options.story) plantSeparated(cast, accountId)
      else if (name === keeper) plantKeeper(cast, account)
      else if (quietAccounts.has(name)) plantAdministrators(cast, accountId)
      else {
        plantAdministrators(cast, accountId)
        plantWayIn(cast, managementId)
        plantTeam(cast, accountId, loose.has(name))
      }
      return [name, cast.close()]
    }),
  )
}

const service = (name: string): Statement => ({
  Principal: { Service: name },
  Action: 'sts:AssumeRole',
})

const account = (id: string): Statement => ({
  Principal: { AWS: `arn:aws:iam::${id}:root` },
  Action: 'sts:AssumeRole',
})

const signIn = (accountId: string): Statement => ({
  Principal: {
    Federated: `arn:aws:iam::${accountId}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE`,
  },
  Action: ['sts:AssumeRoleWithSAML', 'sts:TagSession'],
  Condition: { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
})

const sso = '/aws-reserved/sso.amazonaws.com/eu-west-1/'

const serviceRole = (accountId: string) => `arn:aws:iam::${accountId}:role/${backupServiceRole}`

/** What every account has: AWS's service-linked roles, AWS Backup's role, and people who may look. */
function plantAlways(cast: Cast, accountId: string): void {
  cast.role({
    name: 'AWSServiceRoleForBackup',
    path: '/aws-service-role/backup.amazonaws.com/',
    part: 'service_linked',
    trust: service('backup.amazonaws.com'),
    ofAws: ['AWSBackupServiceLinkedRolePolicyForBackup'],
  })
  cast.role({
    name: 'AWSServiceRoleForRDS',
    path: '/aws-service-role/rds.amazonaws.com/',
    part: 'service_linked',
    trust: service('rds.amazonaws.com'),
    ofAws: ['AmazonRDSServiceRolePolicy'],
  })
  cast.role({
    name: 'AWSBackupDefaultServiceRole',
    path: '/service-role/',
    part: 'backup_service',
    trust: service('backup.amazonaws.com'),
    ofAws: ['AWSBackupServiceRolePolicyForBackup', 'AWSBackupServiceRolePolicyForRestores'],
    powers: ofTheBackupService,
  })
  cast.role({
    name: 'AWSReservedSSO_ViewOnlyAccess_a1b2c3d4e5f60718',
    path: sso,
    part: 'organization',
    trust: signIn(accountId),
    ofAws: ['ViewOnlyAccess'],
  })
}

function plantAdministrators(cast: Cast, accountId: string): void {
  cast.role({
    name: 'AWSReservedSSO_AdministratorAccess_0f1e2d3c4b5a6978',
    path: sso,
    part: 'organization',
    trust: signIn(accountId),
    ofAws: ['AdministratorAccess'],
    full: ['*'],
  })
}

/** What AWS Organizations makes in an account that it creates. */
function plantWayIn(cast: Cast, managementId: string): void {
  cast.role({
    name: 'OrganizationAccountAccessRole',
    part: 'organization',
    trust: account(managementId),
    ofAws: ['AdministratorAccess'],
    full: ['*'],
  })
}

/** The services that the over-powerful administrator has whole: the data, its backups and the keys of both. */
const platform = ['backup', 'dynamodb', 'ec2', 'fsx', 'kms', 'rds']

/** An ordinary team: one administrator who can do everything, applications, automation and a deployment user. */
function plantTeam(cast: Cast, accountId: string, isLoose: boolean): void {
  cast.role({
    name: 'platform-admin',
    part: 'own',
    trust: signIn(accountId),
    managed: [
      { Effect: 'Allow', Action: platform.map((prefix) => `${prefix}:*`), Resource: '*' },
      { Effect: 'Allow', Action: ['iam:Get*', 'iam:List*'], Resource: '*' },
    ],
    full: platform,
    tags: [{ Key: 'team', Value: 'plattform-äöü 日本' }],
  })
  plantBackupAdministrator(cast, accountId)
  plantApplication(cast)
  const restore = together(...restores(serviceRole(accountId)), readsSnapshots)
  const wide = together(
    ...restores(serviceRole(accountId)),
    readsSnapshots,
    deletesDatabases,
    destroysStores,
  )
  const { statements: inline, powers } = isLoose ? wide : restore
  cast.role({
    name: 'restore-automation',
    path: '/automation/',
    part: 'automation',
    trust: service(isLoose ? 'lambda.amazonaws.com' : 'ssm.amazonaws.com'),
    inline,
    powers,
  })
  // Its group allows much, its boundary leaves little: it has no power but to read objects.
  cast.memberOf('deployers', {
    name: 'ci-deploy',
    path: '/ci/',
    part: 'own',
    inline: [{ Effect: 'Allow', Action: ['ec2:*', 'rds:*', 's3:*'], Resource: '*' }],
    boundary: ['cloudformation:*', 'ec2:Describe*', 'rds:Describe*', 's3:GetObject'],
    powers: { read_backup_data: ['s3'] },
    tags: [{ Key: 'owner', Value: 'o=+.@-brien' }],
  })
  if (isLoose) plantLooseBackupRoles(cast)
  if (isLoose) for (const stage of ['dev', 'test', 'prod']) plantJanitor(cast, accountId, stage)
  const { statements, powers: operating } = together(deletesDatabases, destroysStores)
  cast.memberOf('data-operators', {
    name: 'o.brien+data=ops@example',
    part: 'own',
    inline: statements,
    powers: operating,
  })
}

function plantBackupAdministrator(cast: Cast, accountId: string): void {
  const { statements, powers } = together(runsBackups, deletesBackups, unlocksVaults)
  cast.role({
    name: backupAdministrator,
    part: 'own',
    trust: signIn(accountId),
    managed: statements,
    powers,
  })
}

/** Cleans up snapshots, and can as well delete all of them. */
function plantJanitor(cast: Cast, accountId: string, stage: string): void {
  const { statements: inline, powers } = together(deletesBackups)
  cast.role({ name: `janitor-${stage}`, part: 'own', trust: account(accountId), inline, powers })
}

function plantApplication(cast: Cast): void {
  const { statements, powers } = together(writesItems)
  cast.role({
    name: 'app-orders',
    part: 'own',
    trust: service('ec2.amazonaws.com'),
    instanceProfile: true,
    inline: statements,
    powers,
  })
}

/** Data and backups are in different hands, and restores in a third that can destroy neither. */
function plantSeparated(cast: Cast, accountId: string): void {
  const data = together(destroysStores, writesItems)
  cast.role({
    name: 'DataAdministrator',
    part: 'own',
    trust: signIn(accountId),
    managed: data.statements,
    powers: data.powers,
  })
  plantBackupAdministrator(cast, accountId)
  plantApplication(cast)
  const restore = together(...restores(serviceRole(accountId)), readsSnapshots)
  cast.role({
    name: 'restore-automation',
    path: '/automation/',
    part: 'automation',
    trust: service('ssm.amazonaws.com'),
    inline: restore.statements,
    powers: restore.powers,
  })
}

/** The keeper has no data, and one role that is asked for in an emergency; the organization's guardrail binds that one too. */
function plantKeeper(cast: Cast, { account: { Id = '' } }: AccountState): void {
  plantBackupAdministrator(cast, Id)
  const { statements, powers } = together(runsBackups, ...restores(serviceRole(Id)))
  cast.role({ name: 'BreakGlass', part: 'own', trust: signIn(Id), inline: statements, powers })
}
