/** An error answer of a simulated service: the code as it travels on the wire. */
export class ServiceError extends Error {
  readonly code: string
  readonly status: number
  /** Milliseconds by which a fault holds the answer back. */
  delayMs = 0
  /** What the server takes the time for; the real time when undefined. */
  date?: Date

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

export type Family = 'json' | 'restJson' | 'query' | 'ec2' | 'restXml'

/** Which column of {@link CODES} a family answers with. */
const COLUMN = { json: 0, restJson: 0, query: 1, ec2: 2, restXml: 3 } as const

/** The same condition has another code in each family of protocols. */
const CODES = {
  badSignature: [
    'InvalidSignatureException',
    'SignatureDoesNotMatch',
    'SignatureDoesNotMatch',
    'SignatureDoesNotMatch',
  ],
  unknownKey: [
    'UnrecognizedClientException',
    'InvalidClientTokenId',
    'AuthFailure',
    'InvalidAccessKeyId',
  ],
  expired: ['ExpiredTokenException', 'ExpiredToken', 'RequestExpired', 'ExpiredToken'],
  denied: ['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation', 'AccessDenied'],
  throttled: ['ThrottlingException', 'Throttling', 'RequestLimitExceeded', 'SlowDown'],
  internal: ['InternalFailure', 'InternalFailure', 'InternalError', 'InternalError'],
  unknownOperation: [
    'UnknownOperationException',
    'InvalidAction',
    'InvalidAction',
    'NotImplemented',
  ],
  unsigned: [
    'MissingAuthenticationTokenException',
    'MissingAuthenticationToken',
    'AuthFailure',
    'AccessDenied',
  ],
  invalidParameter: [
    'ValidationException',
    'InvalidParameterValue',
    'InvalidParameterValue',
    'InvalidArgument',
  ],
} as const

const STATUS: Partial<Record<keyof typeof CODES, number>> = { internal: 500 }
const FORBIDDEN_IN_QUERY = new Set(['badSignature', 'unknownKey', 'expired', 'denied', 'unsigned'])

/** Builds the error that a protocol family answers for a common condition. */
export function commonError(
  family: Family,
  condition: keyof typeof CODES,
  message: string,
): ServiceError {
  const column = COLUMN[family]
  const forbidden = column > 0 && FORBIDDEN_IN_QUERY.has(condition)
  return new ServiceError(
    CODES[condition][column],
    message,
    STATUS[condition] ?? (forbidden ? 403 : 400),
  )
}
