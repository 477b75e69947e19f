import { SessionEnded } from '../aws/causes.ts'
import { operationName } from '../aws/meter.ts'
import type { ClientClass } from '../aws/session.ts'

/** What a service answered, with the operation that was asked. Its `name` stays the service's, so it can be told by name. */
export class FailedCall extends Error {
  operation: string
  /** Whether another attempt, minutes later, may well succeed although the service's answer does not say so. */
  passing = false

  constructor(operation: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    if (cause instanceof Error) this.name = cause.name
    this.operation = operation
  }
}

export function failedCall(client: ClientClass, command: object, error: unknown): FailedCall {
  if (error instanceof SessionEnded) return new FailedCall('sts:AssumeRole', error)
  const service = client.name.replace(/Client$/, '').toLowerCase()
  return new FailedCall(`${service}:${operationName(command)}`, error)
}

export function rootCause(error: unknown): unknown {
  return error instanceof FailedCall ? error.cause : error
}

/**
 * Answers undefined where the service says *by name* that there is none; every other error is thrown.
 * @param names error names that mean absence for this very call
 */
export async function absentIf<T>(names: string[], call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof Error && names.includes(error.name)) return undefined
    throw error
  }
}
