import { arnParts } from './operators.ts'
import { OPEN } from './pattern.ts'
import type { Context, Organization, Principal, Request } from './types.ts'

/**
 * What is known of a request that a principal makes itself, over TLS, with long-term or plain role credentials. Everything else
 * (MFA, addresses, endpoints, request parameters, the service that calls on its behalf) cannot be told. Keys are looked up when a
 * condition asks for them, what the request gives first.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function contextOf(request: Request): Context {
  return {
    get: (key) =>
      request.context?.get(key) ??
      (isOfKms(key, request) ? keys.get(key)?.(request) : none) ??
      tagOf(key, request),
  }
}

type Values = readonly string[] | undefined

const none: readonly string[] = []

const keys = new Map<string, (request: Request) => Values>([
  ['aws:securetransport', () => ['true']],
  ['aws:principalisawsservice', ({ principal }) => [String(isService(principal))]],
  ['aws:principalarn', ofIdentity(({ arn }) => [arn])],
  ['aws:principalaccount', ofIdentity(accountOf)],
  ['kms:calleraccount', ofIdentity(accountOf)],
  ['kms:viaservice', ({ action }) => (isAdministrative(action) ? none : undefined)],
  ['aws:principaltype', ofIdentity(typeOf)],
  ['aws:username', ofIdentity(userName)],
  ['aws:userid', ofIdentity(userId)],
  [
    'aws:principalorgid',
    ofIdentity(({ account }, { organization }) => idFor(account, organization)),
  ],
  [
    'aws:principalorgpaths',
    ofIdentity(({ account }, { organization }) => pathFor(account, organization)),
  ],
  ['aws:principalservicename', ({ principal }) => (isService(principal) ? [principal.arn] : none)],
  // In a request only when a service makes it.
  ['aws:principalservicenameslist', ofService],
  ['aws:sourceaccount', ofService],
  ['aws:sourcearn', ofService],
  ['aws:sourceorgid', ofService],
  ['aws:sourceorgpaths', ofService],
  ['aws:requestedregion', ({ resource }) => regionOf(resource.arn)],
  [
    'aws:resourceaccount',
    ({ resource }) => (resource.account === undefined ? undefined : [resource.account]),
  ],
  ['aws:resourceorgid', ({ resource, organization }) => idFor(resource.account, organization)],
  ['aws:resourceorgpaths', ({ resource, organization }) => pathFor(resource.account, organization)],
])

function isService({ kind }: Principal): boolean {
  return kind === 'service'
}

/** Keys of KMS are in requests to KMS, and in no others. */
function isOfKms(key: string, { action }: Request): boolean {
  return !key.startsWith('kms:') || action.toLowerCase().startsWith('kms:')
}

/**
 * Services that keep data under a key use it for a principal: they encrypt, decrypt, and make and end grants. That a key is deleted,
 * disabled or given another policy is nobody's request but the principal's own.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
function isAdministrative(action: string): boolean {
  return administrative.test(action)
}

const administrative =
  /^kms:(ScheduleKeyDeletion|CancelKeyDeletion|(Enable|Disable)Key(Rotation)?|RotateKeyOnDemand|PutKeyPolicy|(Import|Delete)(Imported)?KeyMaterial|UpdatePrimaryRegion|UpdateKeyDescription|ReplicateKey|(Create|Update|Delete)Alias|\w*CustomKeyStores?)$/i

/** A service has no identity: these keys are absent when one makes the request. */
function ofIdentity(read: (principal: Principal, request: Request) => Values) {
  return (request: Request): Values =>
    isService(request.principal) ? none : read(request.principal, request)
}

/** Known only to be absent when no service makes the request. */
function ofService({ principal }: Request): Values {
  return isService(principal) ? undefined : none
}

function accountOf({ account }: Principal): Values {
  return account === undefined ? undefined : [account]
}

function typeOf({ kind }: Principal): Values {
  if (kind === 'user') return ['User']
  return [kind === 'root' ? 'Account' : 'AssumedRole']
}

function userName({ kind, arn }: Principal): Values {
  return kind === 'user' ? [arn.split('/').at(-1) ?? ''] : none
}

/** Of a role it ends in the name of the session, which who assumes it chooses. */
function userId({ kind, account, id }: Principal): Values {
  if (kind === 'root') return account === undefined ? undefined : [account]
  if (id === undefined) return undefined
  return [kind === 'user' ? id : `${id}:${OPEN}`]
}

/** Of an account outside of the organization it is not known which one it is in. */
function idFor(account: string | undefined, organization: Organization | undefined): Values {
  if (account === undefined || organization?.id === undefined) return undefined
  return organization.paths.has(account) ? [organization.id] : undefined
}

function pathFor(account: string | undefined, organization: Organization | undefined): Values {
  const path = account === undefined ? undefined : organization?.paths.get(account)
  return path ? [path] : undefined
}

const globals = new Set(['iam', 'organizations'])

function regionOf(arn: string): Values {
  const [, partition, service = '', region] = arnParts(arn)
  if (region) return [region]
  // Global services have their endpoint in one Region.
  return partition === 'aws' && globals.has(service) ? ['us-east-1'] : undefined
}

const prefixes = [
  ['aws:principaltag/', 'principal'],
  ['aws:resourcetag/', 'resource'],
  ['ec2:resourcetag/', 'resource'],
] as const

/** Session tags are not modelled: a role's own tag counts, and one that it lacks may come with the session. */
function tagOf(key: string, request: Request): Values {
  for (const [prefix, whose] of prefixes) {
    if (!key.startsWith(prefix)) continue
    const tags = request[whose].tags
    if (!tags) return undefined
    const name = key.slice(prefix.length)
    // Names of tags are not case-sensitive in conditions.
    const found = Object.entries(tags).find(([tag]) => tag.toLowerCase() === name)
    if (found) return [found[1]]
    return whose === 'principal' && request.principal.kind !== 'user' ? undefined : none
  }
  return undefined
}
