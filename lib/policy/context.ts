import { arnParts } from './operators.ts'
import { OPEN } from './pattern.ts'
import type { Context, Organization, Principal, Request, Resource } from './types.ts'

/**
 * What is known of a request that a principal makes itself, over TLS, with long-term or plain role credentials. Everything else
 * (MFA, addresses, endpoints, request parameters, the service that calls on its behalf) cannot be told and has no entry.
 * Session tags are not modelled: a role's own tag counts, and a tag that it lacks may come with the session.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function contextOf(request: Request): Context {
  const { principal, resource, organization } = request
  const known = new Map<string, readonly string[]>()
  known.set('aws:securetransport', ['true'])
  if (principal.kind === 'service') setService(known, principal)
  else setIdentity(known, principal, organization)
  setResource(known, resource, organization)
  return new Layered(known, request)
}

/** Given entries first, then derived ones; tags, of which there are many names, are looked up when they are asked for. */
class Layered extends Map<string, readonly string[]> {
  private readonly request: Request

  constructor(known: Map<string, readonly string[]>, request: Request) {
    super(known)
    this.request = request
  }

  override get(key: string): readonly string[] | undefined {
    return this.request.context?.get(key) ?? super.get(key) ?? tagOf(key, this.request)
  }
}

const prefixes = [
  ['aws:principaltag/', 'principal'],
  ['aws:resourcetag/', 'resource'],
  ['ec2:resourcetag/', 'resource'],
] as const

function tagOf(key: string, request: Request): readonly string[] | undefined {
  for (const [prefix, whose] of prefixes) {
    if (!key.startsWith(prefix)) continue
    const tags = request[whose].tags
    if (!tags) return undefined
    const name = key.slice(prefix.length)
    // Names of tags are not case-sensitive in conditions.
    const found = Object.entries(tags).find(([tag]) => tag.toLowerCase() === name)
    if (found) return [found[1]]
    return whose === 'principal' && request.principal.kind !== 'user' ? undefined : []
  }
  return undefined
}

type Known = Map<string, readonly string[]>

function setIdentity(known: Known, principal: Principal, organization: Organization | undefined) {
  const { account, kind } = principal
  known.set('aws:principalarn', [principal.arn])
  known.set('aws:principalisawsservice', ['false'])
  for (const key of serviceOnly) known.set(key, [])
  if (account !== undefined) {
    known.set('aws:principalaccount', [account])
    known.set('kms:calleraccount', [account])
    setOrganization(known, 'aws:principal', account, organization)
  }
  known.set('aws:username', kind === 'user' ? [nameOf(principal)] : [])
  const type = kind === 'user' ? 'User' : kind === 'root' ? 'Account' : 'AssumedRole'
  known.set('aws:principaltype', [type])
  if (kind === 'root' && account !== undefined) known.set('aws:userid', [account])
  else if (principal.id !== undefined) {
    known.set('aws:userid', [kind === 'user' ? principal.id : `${principal.id}:${OPEN}`])
  }
}

/** These keys are in a request only when a service makes it. */
const serviceOnly = [
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:principalservicename',
  'aws:principalservicenameslist',
]

function setService(known: Known, principal: Principal) {
  known.set('aws:principalisawsservice', ['true'])
  known.set('aws:principalservicename', [principal.arn])
  for (const key of ['arn', 'account', 'orgid', 'orgpaths']) known.set(`aws:principal${key}`, [])
  known.set('aws:username', [])
}

const global = new Set(['iam', 'organizations'])

function setResource(known: Known, resource: Resource, organization: Organization | undefined) {
  const [, partition, service = '', region] = arnParts(resource.arn)
  if (region) known.set('aws:requestedregion', [region])
  // Global services have their endpoint in one Region.
  else if (partition === 'aws' && global.has(service))
    known.set('aws:requestedregion', ['us-east-1'])
  if (resource.account === undefined) return
  known.set('aws:resourceaccount', [resource.account])
  setOrganization(known, 'aws:resource', resource.account, organization)
}

/** Of an account that is not in the organization it is not known which one it is in. */
function setOrganization(
  known: Known,
  prefix: string,
  account: string,
  organization: Organization | undefined,
) {
  const path = organization?.paths.get(account)
  if (path === undefined) return
  if (organization?.id !== undefined) known.set(`${prefix}orgid`, [organization.id])
  known.set(`${prefix}orgpaths`, [path])
}

function nameOf(principal: Principal): string {
  return principal.arn.split('/').at(-1) ?? ''
}
