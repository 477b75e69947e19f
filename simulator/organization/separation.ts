import { isWriting, publisherRoleName, roleName } from './accounts.ts'
import { backupRolesControl } from './backup-roles.ts'
import { accountResource, type Cell, type Status, verdict } from './cell.ts'
import { hasPower, type PlantedPrincipal, type PowerName } from './principals.ts'

/** The controls over an account as a whole: they judge once for all Regions, from what IAM and the organization say. */
export const accountControls = [
  'auditor-cannot-write',
  'backup-deleters-are-few',
  backupRolesControl,
  'restore-automation-is-confined',
  'restore-is-separate-from-data-administration',
  'scps-deny-backup-tampering',
] as const

/** Controls of how the organization as a whole is set up: an account that cannot be entered leaves them as they are. */
export const organizationControls = ['backup-administration-is-delegated-apart'] as const

type AccountControl = (typeof accountControls | typeof organizationControls)[number]

/** Accounts that the demo's guardrail on backups holds in. */
const guarded = new Set(['payments-prod', 'backup-vault'])

interface JudgedAccount {
  name: string
  story: boolean
  isManagement: boolean
  /** Whether it administers AWS Backup for the organization. */
  administers: boolean
}

/** Expects what each account's people can do and what guards it; of an account that cannot be entered `openStory` tells. */
export function expectSeparation(
  cell: Cell,
  { name, story, isManagement, administers }: JudgedAccount,
): void {
  const here = { ...cell, region: 'global', reads: () => true }
  const expect = (control: AccountControl, status: Status, resource: readonly [string, string]) =>
    cell.ledger.expect(here, 'iam', control, status, resource)
  if (administers) {
    // Without a delegated administrator it is the management account; and no account of the organization is without data stores.
    expect('backup-administration-is-delegated-apart', 'fail', accountResource(cell))
  }
  for (const role of [roleName, publisherRoleName]) {
    const resource = [`arn:aws:iam::${cell.accountId}:role/${role}`, 'AwsIamRole'] as const
    expect('auditor-cannot-write', verdict(!(story && isWriting(name, role))), resource)
  }
  const judged = cell.principals.filter(({ part }) => isJudged(part))
  if (!isManagement) {
    const status = verdict(story && guarded.has(name))
    expect('scps-deny-backup-tampering', status, accountResource(cell))
  }
  const deleters = judged.filter((one) => isOwn(one) && can(one, 'destroy_backups'))
  // Five are the default of the settings.
  expect('backup-deleters-are-few', verdict(deleters.length <= 5), accountResource(cell))
  for (const one of judged.filter((each) => can(each, 'restore'))) {
    const resource = [one.arn, one.kind === 'user' ? 'AwsIamUser' : 'AwsIamRole'] as const
    const administers = can(one, 'destroy_data') || can(one, 'write_data')
    const separate = verdict(!isOwn(one) || !administers)
    expect('restore-is-separate-from-data-administration', separate, resource)
    if (one.part !== 'automation') continue
    const confined = verdict(!can(one, 'destroy_data') && !can(one, 'destroy_backups'))
    expect('restore-automation-is-confined', confined, resource)
  }
}

/** Whether a principal's powers are judged. */
export function isJudged(part: PlantedPrincipal['part']): boolean {
  return part === 'own' || part === 'automation' || part === 'organization'
}

/** The organization's ways in are listed, and by the default of the settings never failed. */
function isOwn({ part }: PlantedPrincipal): boolean {
  return part !== 'organization'
}

const services = ['backup', 'dynamodb', 'ec2', 'efs', 'fsx', 'rds', 'redshift', 's3']

/** Whether a principal was planted with a power over any service. */
export function can(principal: PlantedPrincipal, power: PowerName): boolean {
  return services.some((service) => hasPower(principal, power, service))
}
