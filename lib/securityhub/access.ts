import { DescribeHubCommand, SecurityHubClient } from '@aws-sdk/client-securityhub'
import pLimit from 'p-limit'
import { classifyError, describeError, errorName } from '../aws/causes.ts'
import type { Counters } from '../aws/meter.ts'
import { type AwsSettings, memberSession, type Session } from '../aws/session.ts'

/** What a role must be allowed: the auditor's to look at a hub, the publisher's to import into it. */
export const HUB_ACTIONS = {
  auditor: ['securityhub:DescribeHub'],
  publisher: ['securityhub:BatchImportFindings'],
} as const

/** How the accounts are entered. */
export interface HubAccess {
  aws: AwsSettings
  caller: Session
  partition: string
  runId: string
  /** Undefined: there is no organization, the caller's own credentials are used. */
  roles: { auditor: string; publisher: string; externalId: string | undefined } | undefined
  counters: Counters
}

/** A hub as it was found. */
export interface Hub {
  account_id: string
  region: string
  /** `unverified`: it may not be asked, or there was no time to, but may be sent to. */
  status: 'on' | 'off' | 'unverified' | 'unreachable'
  subscribed_at: string | null
  detail: string | null
}

/** Names by which Security Hub says that it is not switched on. */
const OFF = new Set(['InvalidAccessException', 'ResourceNotFoundException'])

/** Opens a session of an account: by its publisher role to import, by its auditor role to look. */
export async function enterAccount(
  { aws, caller, partition, runId, roles, counters }: HubAccess,
  accountId: string,
  purpose: 'auditor' | 'publisher',
): Promise<Session> {
  // The caller's own session is the caller's to close.
  if (!roles) return { ...caller, close: () => undefined }
  const roleArn = `arn:${partition}:iam::${accountId}:role/${roles[purpose]}`
  const sessionName = `strongroom-${runId}`.slice(0, 64)
  const { externalId } = roles
  return memberSession(aws, caller, { accountId, roleArn, externalId, sessionName }, counters)
}

/** Asks each hub whether it is on and since when, account by account; after `until` no more of them. */
export async function lookAtHubs(
  targets: { account_id: string; region: string }[],
  access: HubAccess,
  { concurrency, until }: { concurrency: number; until?: Date | undefined },
): Promise<Hub[]> {
  const limit = pLimit(concurrency)
  const accounts = Map.groupBy(targets, ({ account_id }) => account_id)
  const found = await Promise.all(
    [...accounts].map(([accountId, places]) =>
      limit(async () => {
        if (until && access.aws.clock() >= until) return places.map(unasked)
        const regions = places.map(({ region }) => region)
        return lookInto(accountId, regions, access)
      }),
    ),
  )
  return found.flat()
}

function unasked(place: { account_id: string; region: string }): Hub {
  return { ...place, status: 'unverified', subscribed_at: null, detail: 'no time to ask it' }
}

async function lookInto(account_id: string, regions: string[], access: HubAccess): Promise<Hub[]> {
  let session: Session
  try {
    session = await enterAccount(access, account_id, 'auditor')
  } catch (error) {
    const found = whereAskingFailed(error)
    return regions.map((region) => ({ account_id, region, subscribed_at: null, ...found }))
  }
  try {
    return await Promise.all(
      regions.map(async (region) => ({ account_id, region, ...(await ask(session, region)) })),
    )
  } finally {
    session.close()
  }

  async function ask(asking: Session, region: string): Promise<Omit<Hub, 'account_id' | 'region'>> {
    try {
      const at = { region, counters: access.counters }
      const hub = await asking.send(SecurityHubClient, new DescribeHubCommand({}), at)
      return { status: 'on', subscribed_at: hub.SubscribedAt ?? null, detail: null }
    } catch (error) {
      const detail = describeError(error)
      if (OFF.has(errorName(error))) return { status: 'off', subscribed_at: null, detail }
      return { subscribed_at: null, ...whereAskingFailed(error) }
    }
  }
}

/** The auditor may be denied where the publisher is not; what answers nothing at all cannot be sent to either. */
function whereAskingFailed(error: unknown): Pick<Hub, 'status' | 'detail'> {
  const { cause, detail } = classifyError(error)
  const denied = cause.startsWith('denied')
  return { status: denied ? 'unverified' : 'unreachable', detail }
}
