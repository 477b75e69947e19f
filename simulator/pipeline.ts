import type { IncomingMessage } from 'node:http'
import { denialOf } from './authorization.ts'
import type { Principal, Sessions } from './credentials.ts'
import { commonError, ServiceError } from './errors.ts'
import { refusalOf, throttled } from './fault-refusals.ts'
import type { Fault, Faults } from './faults.ts'
import type { OperationContext } from './operations/operation.ts'
import { withTwist } from './paging.ts'
import type { Quotas } from './quotas.ts'
import { routeRequest } from './routing.ts'
import type { Route, Service } from './services.ts'
import { type Scope, verify } from './signature.ts'
import { cellOf, type OrganizationState } from './state.ts'

export interface Refusal {
  action: string
  account: string
  region: string
  code: string
}

/** What was called, for a test or a benchmark to look at. */
export interface Calls {
  /** By `service:Operation`, refused ones included. */
  calls: Map<string, number>
  /** IAM actions that were allowed and answered. */
  usedActions: Set<string>
  refused: Refusal[]
  /** Calls that the simulator does not implement, by what it answered them. */
  unanswered: Map<string, number>
}

interface Parts {
  state: OrganizationState
  clock: () => Date
  faults: Faults
  quotas: Quotas | undefined
  sessions: Sessions
  calls: Calls
}

interface Outcome {
  /** Who called, and which Region. */
  accountId: string
  region: string
  route: Route
  output: object
  /** For the server to carry out. */
  fault: Fault | undefined
  /** The time where it is answered; the real one when undefined. */
  date?: Date | undefined
}

export type Run = (
  service: Service,
  scope: Scope | undefined,
  request: IncomingMessage,
  body: Buffer,
) => Outcome

/** Who is it, what is called, is there quota, is it allowed: in that order, as AWS does. */
export function createPipeline(parts: Parts): Run {
  return (service, scope, request, body) => {
    const context = contextOf(parts, service, scope, request, body)
    const { route, input } = routed(parts.calls, service, request, body)
    const name = `${service.name}:${route.operation.name}`
    const { calls } = parts.calls
    calls.set(name, (calls.get(name) ?? 0) + 1)
    try {
      return perform(parts, service, context, { route, input, request })
    } catch (error) {
      parts.calls.refused.push({
        action: route.operation.action ?? name,
        account: context.accountId,
        region: context.region,
        code: error instanceof ServiceError ? error.code : 'InternalFailure',
      })
      throw error
    }
  }
}

function routed({ unanswered }: Calls, service: Service, request: IncomingMessage, body: Buffer) {
  try {
    return routeRequest(service, request, body)
  } catch (error) {
    countUnanswered(unanswered, String(error))
    throw error
  }
}

/** Counts a call that is not simulated. */
export function countUnanswered(unanswered: Map<string, number>, answer: string): void {
  unanswered.set(answer, (unanswered.get(answer) ?? 0) + 1)
}

function contextOf(
  parts: Parts,
  service: Service,
  scope: Scope | undefined,
  request: IncomingMessage,
  body: Buffer,
): OperationContext {
  const { clock, sessions, state } = parts
  const principal = authenticate(parts, service, scope, request, body)
  const { accountId } = principal
  const account = state.accounts.get(accountId)
  const region = scope?.region ?? ''
  if (account === undefined || !enabled(service, account.enabledRegions, region)) {
    const message = 'The security token included in the request is invalid.'
    throw commonError(service.family, 'unknownKey', message)
  }
  const cell = cellOf(account, region)
  return { state, account, accountId, region, cell, principal, sessions, clock }
}

interface Called {
  route: Route
  input: object
  request: IncomingMessage
}

function perform(
  { calls, faults, quotas }: Parts,
  service: Service,
  context: OperationContext,
  { route, input, request }: Called,
): Outcome {
  const { operation } = route
  const { accountId, region } = context
  const name = `${service.name}:${operation.name}`
  const resource = operation.resource(context, input)
  const accounts = [accountId, resource.split(':')[4]]
  const call = { operation: name, region, accounts, date: dateOf(request) }
  const fault = faults.strike(call)
  if (fault?.kind === 'hang' || fault?.kind === 'reset')
    return { accountId, region, route, output: {}, fault }
  if (fault !== undefined) {
    const struck = { action: operation.action ?? name, operation: name, resource }
    const refusal = refusalOf(fault, { service, context, faults, struck })
    if (refusal) throw Object.assign(refusal, { delayMs: fault.latencyMs ?? 0 })
  }
  if (quotas?.take(accountId, region, operation.rates(input)) === false) throw throttled(service)
  authorize(service, context, operation.action, resource)
  const output = withTwist(fault?.kind, () => operation.handle(context, input))
  if (operation.action !== undefined) calls.usedActions.add(operation.action)
  return { accountId, region, route, output, fault, date: faults.clock(call) }
}

/** When the caller says that it signed the request. */
function dateOf(request: IncomingMessage): Date {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers['x-amz-date'])) ?? []
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

function enabled(service: Service, regions: Set<string>, region: string): boolean {
  return regions.has(region) || (service.global && region === 'us-east-1')
}

function authenticate(
  { sessions, clock, state }: Parts,
  { family }: Service,
  scope: Scope | undefined,
  request: IncomingMessage,
  body: Buffer,
): Principal {
  if (scope === undefined) {
    throw commonError(family, 'unsigned', 'Request is missing Authentication Token')
  }
  const principal = sessions.find(scope.accessKeyId)
  const token = request.headers['x-amz-security-token']
  if (principal === undefined || principal.token !== token) {
    const message = 'The security token included in the request is invalid.'
    throw commonError(family, 'unknownKey', message)
  }
  if (!verify(request, body, scope, principal.secret)) {
    const message =
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.'
    throw commonError(family, 'badSignature', message)
  }
  if (principal.role !== undefined && !hasRole(state, principal)) {
    const message = 'The security token included in the request is invalid.'
    throw commonError(family, 'unknownKey', message)
  }
  if (principal.expires !== undefined && principal.expires <= clock()) {
    const message = 'The security token included in the request is expired'
    throw commonError(family, 'expired', message)
  }
  return principal
}

/** Sessions of a role end with it. */
function hasRole({ accounts }: OrganizationState, { accountId, role }: Principal): boolean {
  return accounts.get(accountId)?.roles.some(({ name }) => name === role) ?? false
}

function authorize(
  { family }: Service,
  context: OperationContext,
  action: string | undefined,
  resource: string,
): void {
  // GetCallerIdentity needs no permission.
  if (action === undefined) return
  const denial = denialOf(context, action, resource)
  if (denial === undefined) return
  const prefix = family === 'ec2' ? 'You are not authorized to perform this operation. ' : ''
  throw commonError(family, 'denied', prefix + denial)
}
