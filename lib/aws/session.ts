import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types'
import { modelled, type OnLeftOut } from './answer-shape.ts'
import { accountBudget } from './budgets.ts'
import { classifyError, isExpired, isUnknownToken, SessionEnded } from './causes.ts'
import { frugal, sharedConfiguration } from './frugal-clients.ts'
import { type Counters, meterAttempts, type SdkClient } from './meter.ts'
import { redactError } from './redact.ts'

/** Settings that all calls of a run share. */
export interface AwsSettings {
  /** Where the callers' credentials come from. */
  credentials: AwsCredentialIdentityProvider | AwsCredentialIdentity | undefined
  /** One address for all services (a simulator, an emulator); AWS's own when undefined. */
  endpoint: string | undefined
  /** Region of STS and of the organization-wide calls. */
  homeRegion: string
  budgetShare: number
  /** Accounts were entered a moment ago, and what their quotas let through at once may be spent. */
  budgetSpent?: boolean
  clock: () => Date
  /** Milliseconds until an answer must have come. */
  requestTimeoutMs?: number
  /** Attempts per call, the first included; the SDK's standard mode decides what is worth another. */
  maxAttempts?: number
}

export type ClientClass = new (configuration: never) => SdkClient

/** The output type of an SDK command. */
export type OutputOf<Command> = Command extends {
  resolveMiddleware(
    stack: never,
    configuration: never,
    options: never,
  ): (...args: never[]) => Promise<{ output: infer Output }>
}
  ? Output
  : never

export interface SendOptions {
  region: string
  counters: Counters
  /** Takes items of lists that contradict the service's model, so that the others are read; without it they refuse the answer. */
  leftOut?: OnLeftOut | undefined
}

/** Credentials of one account, and the clients that use them. */
export interface Session {
  accountId: string
  /**
   * Sends one command in a Region; expired credentials are renewed and the command sent again.
   * @throws what the service answered, or NotAnAnswer where that contradicts its own model
   */
  send<Command extends object>(
    client: ClientClass,
    command: Command,
    options: SendOptions,
  ): Promise<OutputOf<Command>>
  close(): void
}

/** Seconds that a session lasts: the most that AWS grants where a role assumes a role. */
const SESSION_SECONDS = 3600
/** Credentials are renewed when they end sooner than this. */
const RENEW_BEFORE_MS = 5 * 60 * 1000

export interface RoleToAssume {
  accountId: string
  roleArn: string
  externalId: string | undefined
  /** Shown in the member account's CloudTrail. */
  sessionName: string
}

/** A session with the caller's own credentials. */
export function callerSession(settings: AwsSettings, accountId: string): Session {
  return openSession(settings, accountId, async () => settings.credentials)
}

/**
 * Assumes the member role and opens a session in its account.
 * @throws what `sts:AssumeRole` answered
 */
export async function memberSession(
  settings: AwsSettings,
  caller: Session,
  role: RoleToAssume,
  counters: Counters,
): Promise<Session> {
  const assume = async () => {
    const answer = await caller.send(
      STSClient,
      new AssumeRoleCommand({
        RoleArn: role.roleArn,
        RoleSessionName: role.sessionName,
        ExternalId: role.externalId,
        DurationSeconds: SESSION_SECONDS,
      }),
      { region: settings.homeRegion, counters },
    )
    const credentials = answer.Credentials
    if (!credentials?.AccessKeyId || !credentials.SecretAccessKey) {
      throw new Error(`sts:AssumeRole answered without credentials for ${role.roleArn}`)
    }
    return {
      accessKeyId: credentials.AccessKeyId,
      secretAccessKey: credentials.SecretAccessKey,
      ...(credentials.SessionToken ? { sessionToken: credentials.SessionToken } : {}),
      // By the own clock: by AWS's, a clock that goes wrong would take a new session for one that ends soon, or an old one for good.
      expiration: new Date(settings.clock().getTime() + SESSION_SECONDS * 1000),
    }
  }
  const first = await assume()
  let handedOut = false
  return openSession(settings, role.accountId, async () => {
    if (!handedOut) {
      handedOut = true
      return first
    }
    return assume().catch((cause: unknown) => {
      throw new SessionEnded('the session could not be renewed', { cause })
    })
  })
}

type Credentials = AwsCredentialIdentityProvider | AwsCredentialIdentity | undefined

interface Generation {
  credentials: Credentials
  clients: Map<string, SdkClient>
  /** Regions that have taken the credentials. */
  known: Set<string>
}

function openSession(
  settings: AwsSettings,
  accountId: string,
  renew: () => Promise<Credentials>,
): Session {
  const budget = accountBudget(settings.budgetShare, { spent: settings.budgetSpent })
  const requestHandler = new NodeHttpHandler({
    connectionTimeout: 5_000,
    // The first ends with the headers of an answer; the second is for a body that stops on its way.
    requestTimeout: settings.requestTimeoutMs ?? 30_000,
    socketTimeout: settings.requestTimeoutMs ?? 30_000,
    throwOnRequestTimeout: true,
    httpAgent: { keepAlive: true, maxSockets: 64 },
    httpsAgent: { keepAlive: true, maxSockets: 64 },
  })
  let current: Promise<Generation> | undefined
  let shared: Record<string, unknown> | undefined

  function startGeneration(): Promise<Generation> {
    const started = renew().then((credentials) => ({
      credentials,
      clients: new Map(),
      known: new Set<string>(),
    }))
    // A renewal that failed in passing is tried again by the next call; one that was refused would be refused to each of them.
    started.catch((error: unknown) => {
      if (current === started && classifyError(error).transient) current = undefined
    })
    current = started
    return started
  }

  async function generation(spent?: Generation): Promise<Generation> {
    const pending = current ?? startGeneration()
    const now = await pending
    if (now !== spent && !endsSoon(now.credentials, settings.clock())) return now
    return current === pending ? startGeneration() : generation(spent)
  }

  function clientOf(Client: ClientClass, region: string, within: Generation): SdkClient {
    const key = `${Client.name} ${region}`
    const existing = within.clients.get(key)
    if (existing) return existing
    const configuration = {
      ...(shared ?? {}),
      region,
      requestHandler,
      retryMode: 'standard',
      maxAttempts: settings.maxAttempts ?? 6,
      ...frugal,
      ...(within.credentials ? { credentials: within.credentials } : {}),
      // A host of one address cannot have buckets as subdomains; only the client of S3 knows the switch.
      ...(settings.endpoint ? { endpoint: settings.endpoint, forcePathStyle: true } : {}),
    }
    const client = new Client(configuration as never)
    shared ??= sharedConfiguration(client)
    within.clients.set(key, client)
    return client
  }

  return {
    accountId,
    async send<Command extends object>(
      Client: ClientClass,
      command: Command,
      { region, counters, leftOut }: SendOptions,
    ) {
      let spent: Generation | undefined
      for (let renewals = 0; ; renewals++) {
        const within = await generation(spent)
        const client = clientOf(Client, region, within)
        meterAttempts(command, client, { budget, region, counters })
        try {
          const output = (await client.send(command as never)) as OutputOf<Command>
          within.known.add(region)
          return modelled(command, output, leftOut)
        } catch (error) {
          if (!isOver(error, within.known.has(region)) || renewals === 2) throw redactError(error)
          spent = within
        }
      }
    },
    close() {
      requestHandler.destroy()
    },
  }
}

/** Whether new credentials may do. Those that a Region has never taken are not at fault: it may be switched off. */
function isOver(error: unknown, wereTaken: boolean): boolean {
  return isExpired(error) || (wereTaken && isUnknownToken(error))
}

function endsSoon(credentials: Credentials, now: Date): boolean {
  if (!credentials || typeof credentials === 'function' || !credentials.expiration) return false
  return credentials.expiration.getTime() - now.getTime() < RENEW_BEFORE_MS
}
