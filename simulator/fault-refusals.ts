import { denialMessage, notAllowed } from './authorization.ts'
import { commonError, ServiceError } from './errors.ts'
import { clockOf, type Fault, type Faults } from './faults.ts'
import type { OperationContext } from './operations/operation.ts'
import type { Service } from './services.ts'
import { goneCode } from './vanishing.ts'

/** What a fault strikes, and where. */
export interface Strike {
  service: Service
  context: OperationContext
  faults: Faults
  struck: { action: string; operation: string; resource: string }
}

/** The answer of a fault that is an error; the server carries out the others. */
export function refusalOf(fault: Fault, strike: Strike): ServiceError | undefined {
  const { service, context, struck } = strike
  const { family } = service
  const denied = (reason: string) =>
    denialMessage(context.principal.arn, struck.action, struck.resource, reason)
  switch (fault.kind) {
    case 'throttle':
      return throttled(service)
    case 'internal_error':
      return commonError(family, 'internal', 'We encountered an internal error. Please try again.')
    case 'expired_token':
      return commonError(family, 'expired', 'The security token included in the request is expired')
    case 'denied':
      return commonError(family, 'denied', denied(notAllowed(struck.action)))
    case 'denied_scp':
      return commonError(
        family,
        'denied',
        denied('with an explicit deny in a service control policy'),
      )
    case 'clock_skew':
      return skewed(service, clockOf(fault))
    case 'vanished':
      return goneError(struck.operation)
    case 'region_off':
    case 'role_deleted':
      return takenAway(fault.kind, strike)
    default:
      return undefined
  }
}

export function throttled({ family, name }: Service): ServiceError {
  if (name === 'organizations') {
    return new ServiceError('TooManyRequestsException', 'You have sent too many requests.')
  }
  const status = family === 'ec2' || family === 'restXml' ? 503 : 400
  const { code, message } = commonError(family, 'throttled', 'Rate exceeded')
  return new ServiceError(code, message, status)
}

/** S3 has a code of its own for it; elsewhere the signature has expired, or is of the future. */
function skewed({ family }: Service, date: Date): ServiceError {
  const message = `Signature expired or not yet current: it is ${date.toISOString()} here`
  const error =
    family === 'restXml'
      ? new ServiceError('RequestTimeTooSkewed', message, 403)
      : commonError(family, 'badSignature', message)
  return Object.assign(error, { date })
}

function goneError(operation: string): ServiceError {
  const { code, status } = goneCode(operation)
  return new ServiceError(code, 'It does not exist, or not any more.', status)
}

/** Changes the organization itself, so that every later call meets the change; what called first meets it at once. */
function takenAway(
  kind: 'region_off' | 'role_deleted',
  { service, context, faults, struck }: Strike,
): ServiceError {
  const { state, region } = context
  // AssumeRole is called from elsewhere, and names the account.
  const target = struck.action === 'sts:AssumeRole' ? struck.resource.split(':')[4] : undefined
  const account = state.accounts.get(target ?? '') ?? context.account
  if (kind === 'region_off') {
    account.enabledRegions.delete(region)
    faults.undoWith(() => account.enabledRegions.add(region))
  } else {
    const roles = account.roles.splice(0)
    faults.undoWith(() => account.roles.push(...roles))
  }
  const message = 'The security token included in the request is invalid.'
  return commonError(service.family, 'unknownKey', message)
}
