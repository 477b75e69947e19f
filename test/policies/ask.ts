import { effectiveBackupPolicy } from '../../lib/policy/backup-policies.ts'
import { conditionsHold } from '../../lib/policy/conditions.ts'
import { decide } from '../../lib/policy/decide.ts'
import { grantsOf } from '../../lib/policy/grants.ts'
import { actionMatches, arnMatches } from '../../lib/policy/match.ts'
import { parsePolicy } from '../../lib/policy/parse.ts'
import { compile } from '../../lib/policy/pattern.ts'
import { powersOf } from '../../lib/policy/principal-powers.ts'
import { mayBecome, trustOf } from '../../lib/policy/trust.ts'
import type {
  Document,
  Organization,
  PolicyKind,
  Principal,
  Request,
  Resource,
} from '../../lib/policy/types.ts'
import { coverageOf, guardedActions } from '../../lib/policy/vault-policy.ts'
import type { Case, Question } from './cases.ts'

/** Cases say only what matters; everything else is this role of this account, in this organization. */
const account = '111111111111'
const role = `arn:aws:iam::${account}:role/app`
const organization: Organization = {
  id: 'o-aaaaaaaaaa',
  managementAccount: '000000000001',
  paths: new Map([
    ['000000000001', 'o-aaaaaaaaaa/r-aaaa/'],
    [account, 'o-aaaaaaaaaa/r-aaaa/ou-aaaa-production/'],
    ['222222222222', 'o-aaaaaaaaaa/r-aaaa/ou-aaaa-backup/'],
  ]),
}
const trusted = new Set(['333333333333'])

/** How the cases of each folder are asked. */
export const askers: Record<Question, (given: Case) => unknown> = {
  decide: (given) => decide(requestOf(given)),
  conditions: askConditions,
  parse: askParse,
  match: askMatch,
  grants: askGrants,
  guards: askGuards,
  trust: askTrust,
  'principal-powers': askPowers,
  'backup-policies': askBackupPolicies,
}

/** Documents level by level, from the root down; a text is taken as it is written, `unread` was not read. */
function askBackupPolicies({ policies }: Case) {
  return effectiveBackupPolicy(
    (policies.levels as unknown[][]).map((documents) =>
      documents.map((one) => {
        if (one === 'unread') return undefined
        return typeof one === 'string' ? one : JSON.stringify(one)
      }),
    ),
  )
}

function requestOf({ policies, request }: Pick<Case, 'policies' | 'request'>): Request {
  return {
    principal: principalOf({ policies, request }),
    action: text(request.action) ?? 's3:GetObject',
    resource: resourceOf(request, policies.resource),
    organization: request.organization === null ? undefined : organization,
    scps: levels(policies.scps, 'scp'),
    rcps: levels(policies.rcps, 'rcp'),
    context: contextOf(request.context),
  }
}

function principalOf({ policies, request }: Pick<Case, 'policies' | 'request'>): Principal {
  const arn = text(request.principal) ?? role
  return {
    arn,
    account: arn.split(':')[4],
    kind: kindOf(arn),
    id: text(request.id),
    tags: request.tags as Record<string, string> | undefined,
    identity: documents(policies.identity, 'identity', 'identity'),
    boundary: documents(policies.boundary && [policies.boundary], 'identity', 'boundary')[0],
  }
}

function resourceOf(request: Case['request'], policy: unknown): Resource {
  const arn = text(request.resource) ?? 'arn:aws:s3:::bucket/key'
  return {
    arn,
    account: text(request.owner) ?? (arn.split(':')[4] || account),
    policy: resourcePolicy(policy, arn),
    tags: request.resource_tags as Record<string, string> | undefined,
    awsManaged: request.aws_managed === true,
  }
}

function kindOf(arn: string): Principal['kind'] {
  if (!arn.startsWith('arn:')) return 'service'
  if (arn.endsWith(':root')) return 'root'
  if (arn.includes(':user/')) return 'user'
  return arn.includes(':role/aws-service-role/') ? 'service_linked_role' : 'role'
}

function resourcePolicy(policy: unknown, arn: string): Resource['policy'] {
  if (policy === 'unread') return undefined
  if (policy === 'default') return 'default'
  if (policy === undefined) return null
  return document(policy, arn.includes(':role/') ? 'trust' : 'resource', 'policy')
}

function levels(given: unknown, kind: PolicyKind): Document[][] | undefined {
  return list(given)?.map((level, n) => documents(level, kind, `${kind} ${n}`))
}

function documents(given: unknown, kind: PolicyKind, name: string): Document[] {
  return list(given)?.map((item, n) => document(item, kind, n === 0 ? name : `${name} ${n}`)) ?? []
}

/** `unread`, a whole document, its statements, or one of them; `full` allows everything. */
function document(given: unknown, kind: PolicyKind, id: string): Document {
  if (given === 'unread') return { id, policy: undefined }
  const principal = kind === 'rcp' ? { Principal: '*' } : {}
  const full = { ...principal, Effect: 'Allow', Action: '*', Resource: '*' }
  const statements = given === 'full' ? full : given
  const whole = Object.hasOwn(Object(statements), 'Statement')
  const parsed = parsePolicy(
    whole ? statements : { Version: '2012-10-17', Statement: statements },
    kind,
  )
  if ('problems' in parsed) throw new Error(`${id}: ${JSON.stringify(parsed.problems)}`)
  return { id, policy: parsed.policy }
}

function contextOf(given: unknown): Map<string, readonly string[]> {
  const entries = Object.entries(Object(given) as Record<string, unknown>)
  return new Map(
    entries.map(([key, value]) => [key.toLowerCase(), (list(value) ?? [value]).map(String)]),
  )
}

function askConditions({ policies, request }: Case) {
  const { policy } = document(
    [{ Effect: 'Allow', Action: '*', Resource: '*', Condition: policies.condition }],
    'identity',
    'condition',
  )
  return {
    holds: conditionsHold(policy?.statements[0]?.conditions ?? [], contextOf(request.context)),
  }
}

function askParse({ policies, request }: Case) {
  const parsed = parsePolicy(policies.document, (request.kind as PolicyKind) ?? 'identity')
  if ('policy' in parsed) return { statements: parsed.policy.statements.length }
  const problems = parsed.problems.map(({ path, message }) => `${path}: ${message}`)
  // What the JSON parser says of it is its own.
  return { problems: problems.map((text) => text.replace(/(is not JSON):.*/s, '$1')) }
}

function askMatch({ policies, request }: Case) {
  if (request.arn !== undefined) {
    const pattern = compile(String(policies.pattern), { wild: true, variables: false })
    return { matches: arnMatches(pattern.glob, String(request.arn)) }
  }
  const element =
    policies.not === undefined ? { Action: policies.pattern } : { NotAction: policies.not }
  const { policy } = document([{ Effect: 'Allow', Resource: '*', ...element }], 'identity', 'match')
  const [statement] = policy?.statements ?? []
  return { matches: statement && actionMatches(statement, String(request.action)) }
}

function askGrants({ policies, request, expected }: Case) {
  const arn = text(request.resource) ?? 'arn:aws:kms:eu-west-1:111111111111:key/1'
  const policy = document(policies.resource, 'resource', 'policy')
  const grants = grantsOf(policy, { arn, account }, { organization, trusted })
  return Array.isArray(expected) ? grants : (grants[0] ?? {})
}

/** What a vault's policy, or SCPs, keep from everyone. */
function askGuards({ policies, request }: Case) {
  const action = text(request.action) ?? 'backup:DeleteRecoveryPoint'
  if (policies.scps) {
    const scps = levels(policies.scps, 'scp')
    const example = 'arn:aws:backup:eu-west-1:111111111111:recovery-point:1'
    const resources = [text(request.resource) ?? example]
    const owner = text(request.account) ?? account
    return guardedActions({ account: owner, organization, scps }, [{ action, resources }])[0]
  }
  const policy =
    policies.resource === undefined ? null : document(policies.resource, 'resource', 'policy')
  const recoveryPoints = request.recovery_points as string[] | undefined
  const vault = {
    arn: `arn:aws:backup:eu-west-1:${account}:backup-vault:main`,
    account,
    policy,
    organization,
    ...(recoveryPoints ? { recoveryPoints } : {}),
  }
  return coverageOf(vault, [action])[0]
}

function askTrust({ policies, request, expected }: Case) {
  const arn = text(request.role) ?? 'arn:aws:iam::111111111111:role/backup'
  const trust = policies.trust === 'unread' ? undefined : document(policies.trust, 'trust', 'trust')
  const trustedRole = { arn, account: arn.split(':')[4] ?? '', trust }
  if (Array.isArray(expected)) return trustOf(trustedRole, { organization, trusted })
  const { principal, scps, rcps, context } = requestOf({ policies, request })
  return mayBecome(principal, trustedRole, { organization, scps, rcps, context })
}

function askPowers({ policies, request, expected }: Case) {
  const { principal, scps, organization: known } = requestOf({ policies, request })
  const regions = (request.regions as string[]) ?? ['eu-west-1']
  const things = Object.entries(Object(request.things) as Record<string, Case['request'][]>).map(
    ([of, items]): [string, Resource[]] => [of, items.map((item) => resourceOf(item, item.policy))],
  )
  const surroundings = { account, regions, organization: known, scps, things: new Map(things) }
  const rows = powersOf([principal], surroundings)
  return Object.fromEntries(Object.keys(expected as object).map((key) => [key, shown(rows, key)]))
}

/** `destroy_backups ec2 snapshot: allowed all`, or `denied`. */
function shown(rows: ReturnType<typeof powersOf>, key: string): string {
  const row = rows.find(({ power, service, of }) => `${power} ${service} ${of}` === key)
  return row ? `${row.decision} ${row.extent}` : 'denied'
}

function list(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
