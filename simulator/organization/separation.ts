import { accountResource, type Cell, type Status, verdict } from './cell.ts'
import { hasPower, type PlantedPrincipal, type PowerName } from './principals.ts'

/** The controls over an account as a whole: they judge once for all Regions, from what IAM and the organization say. */
export const accountControls = [
  'backup-deleters-are-few',
  'restore-automation-is-confined',
  'restore-is-separate-from-data-administration',
  'scps-deny-backup-tampering',
] as const

type AccountControl = (typeof accountControls)[number]

/** Accounts that the demo's guardrail on backups holds in. */
const guarded = new Set(['payments-prod', 'backup-vault'])

/** Expects what each account's people can do and what guards it; of an account that cannot be entered `openStory` tells. */
export function expectSeparation(
  cell: Cell,
  { name, story, isManagement }: { name: string; story: boolean; isManagement: boolean },
): void {
  const here = { ...cell, region: 'global', reads: () => true }
  const expect = (control: AccountControl, status: Status, resource: readonly [string, string]) =>
    cell.ledger.expect(here, 'iam', control, status, resource)
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

function isJudged(part: PlantedPrincipal['part']): boolean {
  return part === 'own' || part === 'automation' || part === 'organization'
}

/** The organization's ways in are listed, and by the default of the settings never failed. */
function isOwn({ part }: PlantedPrincipal): boolean {
  return part !== 'organization'
}

const services = ['backup', 'dynamodb', 'ec2', 'efs', 'fsx', 'rds', 'redshift', 's3']

function can(principal: PlantedPrincipal, power: PowerName): boolean {
  return services.some((service) => hasPower(principal, power, service))
}
