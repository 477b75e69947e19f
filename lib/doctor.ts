import { IAMClient, ListRoleTagsCommand } from '@aws-sdk/client-iam'
import { DescribeHubCommand, SecurityHubClient } from '@aws-sdk/client-securityhub'
import pLimit from 'p-limit'
import { describeError } from './aws/causes.ts'
import { type AwsSettings, callerSession, memberSession, type Session } from './aws/session.ts'
import type { Config } from './config/schema.ts'
import { type DiscoveredAccount, type Discovery, discover, enabledRegions } from './discover.ts'
import { ownVersion } from './plan.ts'

/** The tag on the member roles that says which version made them. */
export const VERSION_TAG = 'strongroom:version'

/** One thing that was looked at. `unknown` is not `ok`: it could not be found out. */
export interface Check {
  status: 'ok' | 'failed' | 'unknown'
  what: string
  detail: string
}

export interface DoctorOptions {
  config: Config
  aws: AwsSettings
  /** Accounts that are entered. */
  sample: number
}

const ACCOUNTS_AT_ONCE = 8

/** Looks whether an audit could run, without auditing: the organization, and in a sample of accounts the role and the Security Hub. */
export async function examine({ config, aws, sample }: DoctorOptions): Promise<Check[]> {
  const caller = callerSession(aws, 'caller')
  const counters = { calls: 0, retries: 0, throttles: 0 }
  try {
    const discovery = await discover(caller, { config, region: aws.homeRegion, counters })
    const audited = discovery.accounts.filter((account) => account.not_audited_reason === null)
    const limit = pLimit(ACCOUNTS_AT_ONCE)
    const accounts = discovery.organization_id
      ? await Promise.all(
          spread(audited, sample).map((account) =>
            limit(() => examineAccount(account, { config, aws, caller, discovery })),
          ),
        )
      : []
    return [...checkOrganization(discovery, config, audited.length), ...accounts.flat()]
  } catch (error) {
    const what = 'the organization can be listed'
    return [{ status: 'failed', what, detail: describeError(error) }]
  } finally {
    caller.close()
  }
}

function checkOrganization(discovery: Discovery, config: Config, audited: number): Check[] {
  const { organization_id: found, caller_account_id: caller, accounts, regions } = discovery
  const expected = config.deployment
  const checks: Check[] = [
    found
      ? ok(
          'the organization can be listed',
          `${found}: ${accounts.length} accounts, ${audited} audited`,
        )
      : failed(
          'the organization can be listed',
          `${caller} is in no organization: only it is audited`,
        ),
    ok('Regions', `${regions.length} in scope`),
  ]
  if (expected) {
    const right = expected.account === caller
    checks.push(
      right
        ? ok('the audit account', caller)
        : failed(
            'the audit account',
            `these credentials are of ${caller}, the configuration says ${expected.account}`,
          ),
    )
    if (found && found !== expected.organization_id) {
      const detail = `it is ${found}, the configuration says ${expected.organization_id}: the member roles trust another`
      checks.push(failed('the organization', detail))
    }
  }
  const management = accounts.find((account) => account.is_management)
  if (management?.account_id === caller) {
    const detail = 'this is the management account; a delegated administrator is enough, and safer'
    checks.push({ status: 'unknown', what: 'delegated administration', detail })
  } else if (found)
    checks.push(ok('delegated administration', `${caller} may list the organization`))
  return checks
}

interface AccountOptions {
  config: Config
  aws: AwsSettings
  caller: Session
  discovery: Discovery
}

async function examineAccount(
  { account_id }: DiscoveredAccount,
  { config, aws, caller, discovery }: AccountOptions,
): Promise<Check[]> {
  const counters = { calls: 0, retries: 0, throttles: 0 }
  const roleArn = `arn:${discovery.partition}:iam::${account_id}:role/${config.role_name}`
  const role = `${account_id}: the role ${config.role_name} can be assumed`
  let session: Session
  try {
    const externalId = config.external_id
    const assumed = { accountId: account_id, roleArn, externalId, sessionName: 'strongroom-doctor' }
    session = await memberSession(aws, caller, assumed, counters)
  } catch (error) {
    return [
      failed(
        role,
        `${describeError(error)}; is the StackSet there, and is the external id the same?`,
      ),
    ]
  }
  const at = { region: aws.homeRegion, counters }
  try {
    return [
      ok(role, roleArn),
      await found(`${account_id}: the role is of this version`, async () => {
        const command = new ListRoleTagsCommand({ RoleName: config.role_name })
        const { Tags = [] } = await session.send(IAMClient, command, at)
        const version = Tags.find(({ Key }) => Key === VERSION_TAG)?.Value
        const own = await ownVersion()
        return version === own
          ? undefined
          : `it is ${version ?? 'unmarked'}, this is ${own}: update the StackSet`
      }),
      await found(`${account_id}: Regions can be listed`, async () => {
        await enabledRegions(session, at)
        return undefined
      }),
      await found(`${account_id}: Security Hub is on in ${aws.homeRegion}`, async () => {
        await session.send(SecurityHubClient, new DescribeHubCommand({}), at)
        return undefined
      }),
    ]
  } finally {
    session.close()
  }
}

/** `look` answers what is wrong; what it throws leaves the question open. */
async function found(what: string, look: () => Promise<string | undefined>): Promise<Check> {
  try {
    const wrong = await look()
    return wrong === undefined ? ok(what, '') : failed(what, wrong)
  } catch (error) {
    return { status: 'unknown', what, detail: describeError(error) }
  }
}

function ok(what: string, detail: string): Check {
  return { status: 'ok', what, detail }
}

function failed(what: string, detail: string): Check {
  return { status: 'failed', what, detail }
}

/** Some of a list, evenly from its begin to its end. */
function spread<T>(items: T[], count: number): T[] {
  if (items.length <= count) return items
  const step = items.length / count
  return Array.from({ length: count }, (_, index) => items[Math.floor(index * step)] as T)
}
