import type { Denial, SimulatedRole, SimulatedUser } from './state.ts'

/** Members of IAM's answers that hold documents; they travel URL-encoded, as RFC 3986 has it. */
const DOCUMENTS = new Set(['AssumeRolePolicyDocument', 'PolicyDocument', 'Document'])

/** The entity with its documents encoded, those of what it contains included. */
export function encoded<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(encoded) as Value
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      DOCUMENTS.has(name) && typeof member === 'string' ? urlEncoded(member) : encoded(member),
    ]),
  ) as Value
}

/** `encodeURIComponent` leaves alone five characters that RFC 3986 reserves. */
function urlEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** What a role or user of the simulator may do, as a policy document. */
export function documentOf({ allow, deny = [] }: SimulatedUser | SimulatedRole): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: allow, Resource: '*' }, ...deny.map(denialStatement)],
  })
}

/** A denial as a statement: in identity policies and in service control policies alike. */
export function denialStatement({ actions, regions, resources }: Denial): object {
  return {
    Effect: 'Deny',
    Action: actions,
    Resource: resources ?? '*',
    ...(regions ? { Condition: { StringEquals: { 'aws:RequestedRegion': regions } } } : {}),
  }
}

/** Whom a role of the simulator trusts, as a policy document. */
export function trustOf({ trustedAccounts, externalId }: SimulatedRole): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: trustedAccounts.map((id) => `arn:aws:iam::${id}:root`) },
        Action: 'sts:AssumeRole',
        ...(externalId ? { Condition: { StringEquals: { 'sts:ExternalId': externalId } } } : {}),
      },
    ],
  })
}
