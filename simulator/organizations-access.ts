import { ServiceError } from './errors.ts'
import type { OperationContext, Rate } from './operations/operation.ts'
import type { OrganizationState } from './state.ts'

/** A published quota. */
export const rate = (api: string, perSecond: number, burst: number): Rate[] => [
  { group: `organizations:${api}`, perSecond, burst },
]

export const LIMIT = {
  minimum: 1,
  maximum: 20,
  standard: 20,
  badToken: 'InvalidInputException',
  badLimit: 'InvalidInputException',
}

/** The organization's id, or the error where there is none. */
export function inUse(state: OrganizationState): string {
  if (state.id !== undefined) return state.id
  throw new ServiceError(
    'AWSOrganizationsNotInUseException',
    'Your account is not a member of an organization.',
  )
}

/** Only the management account and delegated administrators may look around. */
export function privileged({ state, accountId }: OperationContext): string {
  const id = inUse(state)
  if (accountId === state.managementAccountId || accountId === state.auditAccountId) return id
  throw new ServiceError(
    'AccessDeniedException',
    "You don't have permissions to access this resource.",
  )
}

/** An ARN of the organization, which belongs to the management account. */
export const arn = ({ state }: OperationContext, rest: string) =>
  `arn:${state.partition}:organizations::${state.managementAccountId}:${rest}`
