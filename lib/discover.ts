import { AccountClient, ListRegionsCommand } from '@aws-sdk/client-account'
import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  type Account,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { describeError } from './aws/causes.ts'
import type { Counters } from './aws/meter.ts'
import type { Session } from './aws/session.ts'
import { absentIf, failedCall } from './collect/failed-call.ts'
import { followPages } from './collect/follow-pages.ts'
import { told } from './collect/told.ts'
import type { Config } from './config/schema.ts'
import { UsageError } from './usage-error.ts'

/** An account as far as the audit needs it. The e-mail address is left behind on purpose. */
export interface DiscoveredAccount {
  account_id: string
  arn: string | null
  name: string | null
  state: string
  /** `o-…/r-…/ou-…/` down to the OU that holds it; null outside an organization. */
  ou_path: string | null
  is_management: boolean
  /** Why it is not audited; null when it is. */
  not_audited_reason: 'suspended' | 'excluded' | 'out_of_scope' | 'closing' | 'pending' | null
}

/** What the member role must allow besides the collectors' actions: either one tells which Regions are switched on. */
export const REGION_ACTIONS = ['account:ListRegions', 'ec2:DescribeRegions']

/** What a run covers, found out before anything is collected. */
export interface Discovery {
  caller_account_id: string
  partition: string
  /** Null: no organization, the run audits the one account it is in. */
  organization_id: string | null
  accounts: DiscoveredAccount[]
  /** Every Region in the run's scope, whether an account has it switched on or not. */
  regions: string[]
}

/**
 * Lists the organization's accounts and the Regions of the partition, and applies the scope of the configuration.
 * @throws UsageError where the scope names an account, OU or Region that is not there
 */
export async function discover(
  caller: Session,
  { config, region, counters }: { config: Config; region: string; counters: Counters },
): Promise<Discovery> {
  const at = { region, counters }
  const identity = await caller.send(STSClient, new GetCallerIdentityCommand({}), at)
  const callerAccount = told(identity, 'Account')
  const partition = identity.Arn?.split(':')[1] ?? 'aws'
  const organization = await absentIf(['AWSOrganizationsNotInUseException'], () =>
    caller.send(OrganizationsClient, new DescribeOrganizationCommand({}), at),
  )
  const managementId = organization && told(told(organization, 'Organization'), 'MasterAccountId')
  const accounts = organization
    ? (await listAccounts(caller, at)).map((account) => describeAccount(account, managementId))
    : [standAlone(callerAccount, partition)]
  return {
    caller_account_id: callerAccount,
    partition,
    organization_id: organization?.Organization?.Id ?? null,
    accounts: applyScope(accounts, config),
    regions: await scopeRegions(caller, config, at),
  }
}

interface At {
  region: string
  counters: Counters
}

/** Pages hold 20 accounts; one may be empty and still carry a token. */
async function listAccounts(caller: Session, at: At): Promise<Account[]> {
  const accounts = new Map<string, Account>()
  const list = (NextToken?: string) =>
    caller.send(OrganizationsClient, new ListAccountsCommand(NextToken ? { NextToken } : {}), at)
  const named = (error: unknown) =>
    failedCall(OrganizationsClient, new ListAccountsCommand({}), error)
  for await (const page of followPages(list, { token: 'NextToken', named })) {
    for (const account of page.Accounts ?? []) accounts.set(told(account, 'Id'), account)
  }
  return [...accounts.values()].sort((a, b) => ((a.Id ?? '') < (b.Id ?? '') ? -1 : 1))
}

function describeAccount(account: Account, managementId: string | undefined): DiscoveredAccount {
  // `State` took `Status`'s place in September 2026; an older endpoint may answer only the latter.
  const state = account.State ?? account.Status ?? 'ACTIVE'
  const path = account.Paths?.[0]
  return {
    account_id: told(account, 'Id'),
    arn: account.Arn ?? null,
    name: account.Name ?? null,
    state,
    ou_path: path ? path.replace(/\d{12}\/?$/, '') : null,
    is_management: account.Id === managementId,
    not_audited_reason: NOT_ACTIVE[state] ?? null,
  }
}

const NOT_ACTIVE: Record<string, DiscoveredAccount['not_audited_reason']> = {
  SUSPENDED: 'suspended',
  CLOSED: 'suspended',
  PENDING_CLOSURE: 'closing',
  PENDING_ACTIVATION: 'pending',
}

function standAlone(accountId: string, partition: string): DiscoveredAccount {
  return {
    account_id: accountId,
    arn: `arn:${partition}:iam::${accountId}:root`,
    name: null,
    state: 'ACTIVE',
    ou_path: null,
    is_management: false,
    not_audited_reason: null,
  }
}

function applyScope(accounts: DiscoveredAccount[], config: Config): DiscoveredAccount[] {
  const known = new Set(accounts.map((account) => account.account_id))
  const ous = new Set(accounts.flatMap((account) => account.ou_path?.split('/') ?? []))
  refuseUnknown('account', config.accounts, known)
  refuseUnknown('OU', config.ous, ous)
  const excluded = new Set(config.exclude_accounts)
  return accounts.map((account) => {
    if (account.not_audited_reason) return account
    if (excluded.has(account.account_id)) return { ...account, not_audited_reason: 'excluded' }
    return inScope(account, config) ? account : { ...account, not_audited_reason: 'out_of_scope' }
  })
}

function inScope(account: DiscoveredAccount, config: Config): boolean {
  if (config.accounts.length === 0 && config.ous.length === 0) return true
  if (config.accounts.includes(account.account_id)) return true
  return account.ou_path?.split('/').some((ou) => config.ous.includes(ou)) ?? false
}

function refuseUnknown(kind: string, wanted: string[], known: ReadonlySet<string>): void {
  const missing = wanted.filter((name) => !known.has(name))
  if (missing.length === 0) return
  throw new UsageError(`no such ${kind} in this organization: ${missing.join(', ')}`)
}

async function scopeRegions(caller: Session, config: Config, at: At): Promise<string[]> {
  if (config.regions.length > 0) return [...new Set(config.regions)].sort()
  const all = await caller.send(EC2Client, new DescribeRegionsCommand({ AllRegions: true }), at)
  const names = (all.Regions ?? []).map((listed) => told(listed, 'RegionName'))
  if (names.length === 0) throw new Error('ec2:DescribeRegions answered no Region')
  return names.sort()
}

/**
 * The Regions that are switched on in a session's account, by `account:ListRegions`, else by `ec2:DescribeRegions`.
 * @throws Error naming both answers where neither call is possible
 */
export async function enabledRegions(session: Session, at: At): Promise<Set<string>> {
  try {
    return await listRegions(session, at)
  } catch (first) {
    try {
      const answer = await session.send(EC2Client, new DescribeRegionsCommand({}), at)
      const on = (answer.Regions ?? []).filter((listed) => listed.OptInStatus !== 'not-opted-in')
      return new Set(on.map((listed) => told(listed, 'RegionName')))
    } catch (second) {
      const why = `${describeError(first)}; ${describeError(second)}`
      throw new Error(`the account's Regions cannot be listed: ${why}`, { cause: second })
    }
  }
}

async function listRegions(session: Session, at: At): Promise<Set<string>> {
  const enabled = new Set<string>()
  const command = (NextToken?: string) =>
    new ListRegionsCommand({
      MaxResults: 50,
      RegionOptStatusContains: ['ENABLED', 'ENABLED_BY_DEFAULT', 'DISABLING'],
      ...(NextToken ? { NextToken } : {}),
    })
  const list = (token?: string) => session.send(AccountClient, command(token), at)
  const named = (error: unknown) => failedCall(AccountClient, command(), error)
  for await (const page of followPages(list, { token: 'NextToken', named })) {
    for (const listed of page.Regions ?? []) enabled.add(told(listed, 'RegionName'))
  }
  // Some Regions cannot be switched off.
  if (enabled.size === 0) throw new Error('account:ListRegions answered no Region')
  return enabled
}
