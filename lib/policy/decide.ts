import { contextOf } from './context.ts'
import { rcpVerdict, scpVerdict } from './guardrails.ts'
import {
  needsResourcePolicy,
  type ResourceVerdict,
  reachesOtherAccounts,
  resourceVerdict,
} from './resource-policies.ts'
import { type Asked, type Verdict, verdictOf } from './statements.ts'
import { all, any } from './tri.ts'
import type { By, Decision, Request, Tri } from './types.ts'

/*
 * The policy engine. Everything in this folder is a pure function of documents and facts; nothing reads, waits or throws for data.
 *
 * openDocuments()                                documents.ts         texts as stored → documents; equal texts share one policy
 * parsePolicy(document, kind)                    parse.ts             one of them → {policy} | {problems}
 * decide(request)                                decide.ts            may this principal do this action to this resource?
 * mayBecome(principal, role, surroundings)       trust.ts             may this principal assume this role?
 * trustOf(role, known)                           trust.ts             who is trusted by a role: rows
 * assumptionsOf(principals, roles, surroundings) assumptions.ts       who may become whom; chainsFrom(start, …) follows them
 * grantsOf(document, resource, known)            grants.ts            what a resource policy grants to whom: rows
 * coverageOf(vault, actions)                     vault-policy.ts      what the Denies of a vault policy cover
 * guardedActions(account, actions)               vault-policy.ts      what SCPs keep from a whole account but named exemptions
 * powersOf(principals, surroundings)             principal-powers.ts  effective powers of each principal, by service
 * powers                                         powers.ts            the table: power × service × kind of thing × actions
 * examplesOf(action, place)                      examples.ts          ARNs of what an action is done to, for questions about everything
 * roleKind(arn)                                  role-kinds.ts        service-linked, Identity Center and other roles that are not plain
 *
 * A document that was not read or is malformed stays in its place without a policy: what hangs on it is `conditional`, never `allowed`.
 * Leave SCPs out only where they are not in force. The management account and service-linked roles are exempt by themselves.
 *
 * Not modelled: session policies and session tags (who assumes a role chooses them; session policies only narrow), KMS grants, S3 ACLs and
 * access points, VPC endpoint policies, and what sharing by attribute (snapshots) or by RAM gives to other accounts.
 */

/**
 * May a principal do an action to a resource? A Deny anywhere decides; else SCPs and RCPs must allow at every level, and identity
 * policies (within the boundary) or the resource's policy must grant it: one of both within an account, both across accounts.
 * `conditional` where that hangs on what was not read or on a condition that only a real request can answer.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */
export function decide(request: Request): Decision {
  return decideWith({ request, context: contextOf(request) })
}

/** The same with the context at hand, for who asks many times. */
export function decideWith(asked: Asked): Decision {
  const { principal } = asked.request
  const identity = verdictOf(principal.identity, asked)
  // The short cut for most: no policy grants it, and no resource policy could.
  if (
    identity.allow === false &&
    asked.request.resource.policy === null &&
    principal.kind !== 'root'
  ) {
    return denial('identity', identity.denies.filter(isCertain))
  }
  const root = principal.kind === 'root'
  const boundary = !root && principal.boundary && verdictOf([principal.boundary], asked)
  return combine(
    {
      identity: root ? { ...identity, allow: true } : identity,
      boundary: boundary || silent,
      resource: resourceVerdict(asked),
      scp: scpVerdict(asked) ?? silent,
      rcp: rcpVerdict(asked) ?? silent,
    },
    asked.request,
  )
}

interface Layers {
  identity: Verdict
  boundary: Verdict
  resource: ResourceVerdict
  scp: Verdict
  rcp: Verdict
}

/** A kind of policy that is not in force stands in nobody's way. */
const silent: Verdict = { allow: true, deny: false, allows: [], denies: [] }

const order = ['scp', 'rcp', 'boundary', 'identity', 'resource'] as const

function combine(layers: Layers, request: Request): Decision {
  const denying = order.find((at) => layers[at].deny === true)
  if (denying) return denial(denying, layers[denying].denies.filter(isCertain))
  const granted = grant(layers, request)
  const allowing: Granted[] = [{ at: 'scp', ...layers.scp }, { at: 'rcp', ...layers.rcp }, granted]
  const lacking = allowing.find(({ allow }) => allow === false)
  if (lacking) return denial(lacking.at, [])
  const open = order.find((at) => layers[at].deny === 'unknown')
  const hanging = allowing.filter(({ allow }) => allow === 'unknown')
  const { allows } = granted
  if (!open && hanging.length === 0) {
    return { decision: 'allowed', at: granted.at, explicit: true, by: allows.filter(isCertain) }
  }
  const others = hanging.filter((stage) => stage !== granted).flatMap((stage) => stage.allows)
  return {
    decision: 'conditional',
    at: open ?? hanging[0]?.at ?? granted.at,
    explicit: open !== undefined,
    by: [...allows, ...(open ? layers[open].denies : []), ...others],
  }
}

interface Granted {
  at: Decision['at']
  allow: Tri
  allows: By[]
}

function grant(layers: Layers, request: Request): Granted {
  const { principal, resource } = request
  if (principal.kind === 'service') return grantToService(layers)
  // An account without a number: of a bucket whose owner is not known. It is taken for the principal's own.
  const foreign = resource.account !== undefined && resource.account !== principal.account
  return foreign ? grantAcross(layers, request) : grantWithin(layers, request)
}

/** Services have no identity policies: the resource's policy must name them. */
function grantToService({ resource }: Layers): Granted {
  const allow = either(resource.direct, resource.everyone)
  return { at: 'service', allow, allows: resource.allows }
}

/** Across accounts both sides must allow; it is the account that a policy delegates to which decides then. */
function grantAcross(layers: Layers, { action }: Request): Granted {
  const { resource, identity, boundary } = layers
  const trusted = any([resource.direct, resource.everyone, resource.account], (value) => value)
  if (trusted === false || !reachesOtherAccounts(action)) {
    return { at: 'resource', allow: false, allows: [] }
  }
  const own = both(identity.allow, boundary.allow)
  const at = identity.allow === false ? 'identity' : own === false ? 'boundary' : 'resource'
  return { at, allow: both(trusted, own), allows: [...identity.allows, ...resource.allows] }
}

/**
 * Within an account one side is enough. A resource policy that names a user is not limited by a boundary's silence, one that names a
 * role is; of `*` the documentation does not say it. Where the resource's policy is the root of trust, IAM counts only if it delegates.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */
function grantWithin(layers: Layers, request: Request): Granted {
  const { resource, identity } = layers
  const bound = layers.boundary.allow
  const root = request.principal.kind === 'root'
  const delegated = !needsResourcePolicy(request) || rootOfTrust(resource, root)
  const byIdentity = all([identity.allow, bound, delegated], (value) => value)
  const byResource = grantedByResource(resource, bound, request.principal.kind === 'user')
  if (byIdentity === false && byResource === false) {
    const at = identity.allow === false ? 'identity' : bound === false ? 'boundary' : 'resource'
    return { at, allow: false, allows: [] }
  }
  const allow = either(byIdentity, byResource)
  if (byIdentity === allow)
    return { at: root ? 'root' : 'identity', allow, allows: identity.allows }
  return { at: 'resource', allow, allows: resource.allows }
}

function grantedByResource(resource: ResourceVerdict, bound: Tri, user: boolean): Tri {
  const named = user ? resource.direct : both(resource.direct, bound)
  return either(named, both(resource.everyone, bound === false ? 'unknown' : bound))
}

/** A policy that names the account, or everyone in it, lets IAM decide. */
function rootOfTrust(resource: ResourceVerdict, root: boolean): Tri {
  return any([resource.account, resource.everyone, root && resource.direct], (value) => value)
}

function denial(at: Decision['at'], by: By[]): Decision {
  return { decision: 'denied', at, explicit: by.length > 0, by }
}

function isCertain(by: By): boolean {
  return !by.unknown
}

function either(a: Tri, b: Tri): Tri {
  return any([a, b], (value) => value)
}

function both(a: Tri, b: Tri): Tri {
  return all([a, b], (value) => value)
}
