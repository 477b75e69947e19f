import { type Cell, verdict } from './cell.ts'
import type { Cast } from './principals.ts'

/** The control over the roles that AWS Backup works with. */
export const backupRolesControl = 'backup-service-roles-are-confined'

/** Names of roles that AWS Backup works with and that are not confined: the first by its trust, the second by what it may do. */
export const looseBackupRoles = ['nightly-backups', 'backup-everything'] as const

/** Plants the two: one that others can become, and one that has a service whole. */
export function plantLooseBackupRoles(cast: Cast): void {
  cast.role({
    name: looseBackupRoles[0],
    part: 'own',
    trust: {
      Principal: { Service: ['backup.amazonaws.com', 'lambda.amazonaws.com'] },
      Action: 'sts:AssumeRole',
    },
    inline: [{ Effect: 'Allow', Action: 'ec2:CreateSnapshot', Resource: '*' }],
  })
  cast.role({
    name: looseBackupRoles[1],
    part: 'backup_service',
    trust: { Principal: { Service: 'backup.amazonaws.com' }, Action: 'sts:AssumeRole' },
    inline: [{ Effect: 'Allow', Action: ['ec2:*', 'rds:Describe*'], Resource: '*' }],
    full: ['ec2'],
  })
}

/** Lets selections name the account's loose roles: of a plan in one Region, of a restore test in another. */
export function useLooseBackupRoles({ state, region, principals }: Cell): void {
  const [trusting, wide] = looseBackupRoles.map(
    (name) => principals.find(({ arn }) => arn.endsWith(`:role/${name}`))?.arn,
  )
  const selection = state.backup.plans[0]?.selections[0]?.selection
  if (selection && trusting && region === 'us-east-1') selection.IamRoleArn = trusting
  const test = state.backup.restoreTestingSelections[0]
  if (test && wide && region === 'eu-west-1') test.IamRoleArn = wide
}

/** Expects what is to be said of every role that backups, points and restore tests of an account name, where they can be read. */
export function expectBackupRoles(cells: readonly Cell[]): void {
  for (const [accountId, own] of Map.groupBy(cells, (cell) => cell.accountId)) {
    const [first] = own
    if (!first?.listsBuckets) continue
    const { ledger, principals } = first
    const used = new Set(own.filter(({ reads }) => reads('backup')).flatMap(rolesIn))
    const here = { ...first, region: 'global', reads: () => true }
    for (const { arn } of principals.filter((one) => used.has(one.arn))) {
      const confined = !looseBackupRoles.some((name) => arn.endsWith(`:role/${name}`))
      ledger.expect(here, 'iam', backupRolesControl, verdict(confined), [arn, 'AwsIamRole'])
    }
    // What cannot be read may name one role more.
    if (!own.every(({ reads }) => reads('backup')))
      ledger.scopeUnknown(backupRolesControl, accountId, 'global')
  }
}

function rolesIn({ state: { backup } }: Cell): (string | undefined)[] {
  return [
    ...backup.plans.flatMap(({ selections }) => selections.map((one) => one.selection.IamRoleArn)),
    ...[...backup.recoveryPoints.values()].flat().map(({ IamRoleArn }) => IamRoleArn),
    ...backup.restoreTestingSelections.map(({ IamRoleArn }) => IamRoleArn),
  ]
}
