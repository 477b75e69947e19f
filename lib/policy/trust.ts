import { decide } from './decide.ts'
import { type Grant, grantsOf, type Known } from './grants.ts'
import type { Decision, Document, Principal, Request } from './types.ts'

/** How a principal becomes a role, by the type of credentials that it comes with. */
const waysIn = [
  'sts:AssumeRole',
  'sts:AssumeRoleWithSAML',
  'sts:AssumeRoleWithWebIdentity',
] as const

/** A role with the document that says who may become it. */
export interface TrustedRole {
  arn: string
  account: string
  /** Undefined: it was not read. */
  trust: Document | undefined
}

/**
 * Who is trusted by a role: one row per statement and principal that concerns becoming it; none of a document that was not read.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function trustOf(role: TrustedRole, known: Known): Grant[] {
  if (!role.trust) return []
  const resource = { arn: role.arn, account: role.account }
  return grantsOf(role.trust, resource, { ...known, actions: waysIn })
}

/**
 * May a principal become a role? Within an account the role's trust policy may name the principal, or its account and the principal's
 * own policies allow it; across accounts both must. The surroundings are those of the principal (SCPs) and the role (RCPs).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
 */
export function mayBecome(
  principal: Principal,
  role: TrustedRole,
  surroundings: Pick<Request, 'organization' | 'scps' | 'rcps' | 'context'> = {},
): Decision {
  return decide({
    ...surroundings,
    principal,
    action: 'sts:AssumeRole',
    resource: { arn: role.arn, account: role.account, policy: role.trust },
  })
}
