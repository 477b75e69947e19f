import { NotAnAnswer } from './whole-answer.ts'

/**
 * Why something could not be read. `region_disabled`, `service_absent` and `not_enrolled` are knowledge, not ignorance;
 * `region_switched_off` is ignorance of a Region that was read in part before.
 */
export const GAP_CAUSES = [
  'role_missing',
  'denied_iam',
  'denied_scp',
  'denied_rcp',
  'denied',
  'region_disabled',
  'region_switched_off',
  'service_absent',
  'not_enrolled',
  'throttled',
  'budget',
  'timeout',
  'lost',
  'error',
] as const

export type GapCause = (typeof GAP_CAUSES)[number]

/** Causes that say there is nothing to read, so that the slice is `not_applicable`. */
export const KNOWN_ABSENT: ReadonlySet<GapCause> = new Set([
  'region_disabled',
  'service_absent',
  'not_enrolled',
])

export interface Classified {
  cause: GapCause
  /** What was answered, for people: the error's name and message, without line breaks. */
  detail: string
  /** Whether another attempt, minutes later, may well succeed. */
  transient: boolean
}

const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'UnauthorizedAccess',
  'NotAuthorized',
  'AuthorizationErrorException',
])

const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'RequestThrottled',
  'RequestThrottledException',
  'ProvisionedThroughputExceededException',
  'LimitExceededException',
  'SlowDown',
])

const TIMED_OUT = new Set([
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeoutException',
  'AbortError',
  'ETIMEDOUT',
])

const NETWORK = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'EAI_AGAIN',
  'ENOTFOUND',
  'ERR_HTTP2_STREAM_ERROR',
])

/** Names by which a service says that the account does not use it, or that there is no organization. */
const NOT_ENROLLED = new Set(['UninitializedAccountException', 'AWSOrganizationsNotInUseException'])

/** Names by which a service says that the session's credentials have ended; the first is JSON, then query, then EC2. */
const EXPIRED = new Set(['ExpiredTokenException', 'ExpiredToken', 'RequestExpired'])

/**
 * Names by which a service says that it does not know the credentials: the Region is switched off in the account, or what they were
 * issued for is gone. The first is JSON, then query, EC2, S3.
 */
const UNKNOWN_TOKEN = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'AuthFailure',
  'InvalidAccessKeyId',
])

/** A session that could not be gone on with: its role cannot be assumed any more. The cause is what `sts:AssumeRole` answered. */
export class SessionEnded extends Error {
  override name = 'SessionEnded'
}

/**
 * `sts:AssumeRole` answers the same to a role that is missing and to one that does not trust the caller, so a denial that names
 * no policy means one of these two.
 */
export function entryFailure(error: unknown): Classified {
  const classified = classifyError(error)
  const roleMissing = classified.cause === 'denied' || classified.cause === 'denied_iam'
  return roleMissing ? { ...classified, cause: 'role_missing' } : classified
}

/**
 * The one place where an error becomes a cause. AWS tells in its message which kind of policy denied
 * (IAM user guide, "Troubleshoot access denied error messages"); where it does not, the cause is a plain `denied`.
 */
export function classifyError(error: unknown): Classified {
  if (error instanceof SessionEnded) return entryFailure(error.cause)
  const name = errorName(error)
  const detail = describeError(error)
  if (DENIED.has(name)) return { cause: deniedBy(detail), detail, transient: false }
  if (THROTTLED.has(name) || statusOf(error) === 429) {
    return { cause: 'throttled', detail, transient: true }
  }
  if (TIMED_OUT.has(name)) return { cause: 'timeout', detail, transient: true }
  if (name === 'RegionDisabledException') {
    return { cause: 'region_disabled', detail, transient: false }
  }
  if (NOT_ENROLLED.has(name)) {
    return { cause: 'not_enrolled', detail, transient: false }
  }
  return { cause: 'error', detail, transient: isPassing(error, name) }
}

/** Whether the error says that the session's credentials have ended and new ones would do. */
export function isExpired(error: unknown): boolean {
  return EXPIRED.has(errorName(error))
}

/** Whether the error says that the service does not know the credentials. */
export function isUnknownToken(error: unknown): boolean {
  return UNKNOWN_TOKEN.has(errorName(error))
}

/** Whether what came with success could not be understood: it was damaged on its way, or is not the service's. */
export function isIllegible(error: unknown): boolean {
  const status = statusOf(error)
  return error instanceof NotAnAnswer || (status !== undefined && status >= 200 && status < 300)
}

/** Whether the error says that calls come too fast. */
export function isThrottle(error: unknown): boolean {
  return classifyError(error).cause === 'throttled'
}

/** The code of an AWS error or of a network error; the class name of any other. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const code = Reflect.get(error, 'code') ?? Reflect.get(error, 'Code')
  if (error.name === 'Error' && typeof code === 'string') return code
  if (typeof code === 'string' && NETWORK.has(code)) return code
  return error.name
}

/** One line that says what happened, for gaps, logs and reports. Control characters are folded into spaces. */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const text = `${errorName(error)}: ${message}`
  return text.replaceAll(/\s+/g, ' ').slice(0, 1000)
}

function deniedBy(detail: string): GapCause {
  if (/service control policy/i.test(detail)) return 'denied_scp'
  if (/resource control policy/i.test(detail)) return 'denied_rcp'
  if (/(identity-based|resource-based|session) policy|permissions boundary/i.test(detail)) {
    return 'denied_iam'
  }
  return 'denied'
}

function isPassing(error: unknown, name: string): boolean {
  const status = statusOf(error)
  if (EXPIRED.has(name) || UNKNOWN_TOKEN.has(name) || NETWORK.has(name)) return true
  if (isSkewed(error, name)) return true
  return isIllegible(error) || (status !== undefined && status >= 500)
}

/**
 * Whether a signature was refused for its time alone. The SDK sets its clock by such answers and asks again, but calls that are under
 * way together may set it to and fro until none is left of its attempts.
 */
function isSkewed(error: unknown, name: string): boolean {
  if (name === 'RequestTimeTooSkewed' || name === 'RequestInTheFuture') return true
  return error instanceof Error && /signature (expired|not yet current)/i.test(error.message)
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined
  // Older clients have no metadata where they do not understand the answer, but the answer itself.
  return (
    numberIn(Reflect.get(error, '$metadata'), 'httpStatusCode') ??
    numberIn(Reflect.get(error, '$response'), 'statusCode')
  )
}

function numberIn(holder: unknown, name: string): number | undefined {
  if (typeof holder !== 'object' || holder === null) return undefined
  const value: unknown = Reflect.get(holder, name)
  return typeof value === 'number' ? value : undefined
}
