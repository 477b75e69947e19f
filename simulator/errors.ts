/** An error answer of a simulated service: the code as it travels on the wire. */
export class ServiceError extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

export type Family = 'json' | 'restJson' | 'query' | 'ec2'

/** The same condition has another code in each family of protocols. */
const CODES = {
  badSignature: ['InvalidSignatureException', 'SignatureDoesNotMatch', 'SignatureDoesNotMatch'],
  unknownKey: ['UnrecognizedClientException', 'InvalidClientTokenId', 'AuthFailure'],
  expired: ['ExpiredTokenException', 'ExpiredToken', 'RequestExpired'],
  denied: ['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation'],
  throttled: ['ThrottlingException', 'Throttling', 'RequestLimitExceeded'],
  internal: ['InternalFailure', 'InternalFailure', 'InternalError'],
  unknownOperation: ['UnknownOperationException', 'InvalidAction', 'InvalidAction'],
  unsigned: ['MissingAuthenticationTokenException', 'MissingAuthenticationToken', 'AuthFailure'],
  invalidParameter: ['ValidationException', 'InvalidParameterValue', 'InvalidParameterValue'],
} as const

const STATUS: Partial<Record<keyof typeof CODES, number>> = { internal: 500 }
const FORBIDDEN_IN_QUERY = new Set(['badSignature', 'unknownKey', 'expired', 'denied', 'unsigned'])

/** Builds the error that a protocol family answers for a common condition. */
export function commonError(
  family: Family,
  condition: keyof typeof CODES,
  message: string,
): ServiceError {
  const column = family === 'ec2' ? 2 : family === 'query' ? 1 : 0
  const forbidden = column > 0 && FORBIDDEN_IN_QUERY.has(condition)
  return new ServiceError(
    CODES[condition][column],
    message,
    STATUS[condition] ?? (forbidden ? 403 : 400),
  )
}
