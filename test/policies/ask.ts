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

type Given = Record<string, unknown>

/** How the cases of each folder are asked. */
export const askers = {
  decide: (given: Given) => decide(requestOf(given)),
  conditions: askConditions,
  parse: askParse,
  match: askMatch,
  grants: askGrants,
  coverage: askCoverage,
  trust: askTrust,
  'principal-powers': askPowers,
  'backup-policies': askBackupPolicies,
}

/** Documents level by level, from the root down; a text is taken as it is written, `unread` was not read. */
function askBackupPolicies({ levels = [] }: Given) {
  return effectiveBackupPolicy(
    (levels as unknown[][]).map((documents) =>
      documents.map((one) => {
        if (one === 'unread') return undefined
        return typeof one === 'string' ? one : JSON.stringify(one)
      }),
    ),
  )
}

function requestOf(given: Given): Request {
  const arn = text(given.resource) ?? 'arn:aws:s3:::bucket/key'
  const owner = text(given.owner) ?? (arn.split(':')[4] || account)
  return {
    principal: principalOf(given),
    action: text(given.action) ?? 's3:GetObject',
    resource: {
      arn,
      account: owner,
      policy: resourcePolicy(given.policy, arn),
      tags: given.resource_tags as Record<string, string> | undefined,
      awsManaged: given.aws_managed === true,
    },
    organization: given.organization === null ? undefined : organization,
    scps: levels(given.scps, 'scp'),
    rcps: levels(given.rcps, 'rcp'),
    context: contextOf(given.context),
  }
}

export function principalOf(given: Given): Principal {
  const arn = text(given.principal) ?? role
  return {
    arn,
    account: arn.split(':')[4],
    kind: kindOf(arn),
    id: text(given.id),
    tags: given.tags as Record<string, string> | undefined,
    identity: documents(given.identity, 'identity', 'identity'),
    boundary: documents(given.boundary && [given.boundary], 'identity', 'boundary')[0],
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

function askConditions(given: Given) {
  const { policy } = document(
    [{ Effect: 'Allow', Action: '*', Resource: '*', Condition: given.condition }],
    'identity',
    'condition',
  )
  return {
    holds: conditionsHold(policy?.statements[0]?.conditions ?? [], contextOf(given.context)),
  }
}

function askParse(given: Given) {
  const parsed = parsePolicy(given.document, (given.kind as PolicyKind) ?? 'identity')
  if ('policy' in parsed) return { statements: parsed.policy.statements.length }
  const problems = parsed.problems.map(({ path, message }) => `${path}: ${message}`)
  // What the JSON parser says of it is its own.
  return { problems: problems.map((text) => text.replace(/(is not JSON):.*/s, '$1')) }
}

function askMatch(given: Given) {
  if (given.arn !== undefined) {
    const pattern = compile(String(given.pattern), { wild: true, variables: false })
    return { matches: arnMatches(pattern.glob, String(given.arn)) }
  }
  const element = given.not === undefined ? { Action: given.pattern } : { NotAction: given.not }
  const { policy } = document([{ Effect: 'Allow', Resource: '*', ...element }], 'identity', 'match')
  const [statement] = policy?.statements ?? []
  return { matches: statement && actionMatches(statement, String(given.action)) }
}

function askGrants(given: Given) {
  const arn = text(given.resource) ?? 'arn:aws:kms:eu-west-1:111111111111:key/1'
  const policy = document(given.policy, 'resource', 'policy')
  const grants = grantsOf(policy, { arn, account }, { organization, trusted })
  return Array.isArray(given.expect) ? grants : (grants[0] ?? {})
}

function askCoverage(given: Given) {
  const action = text(given.action) ?? 'backup:DeleteRecoveryPoint'
  if (given.scps) {
    const scps = levels(given.scps, 'scp')
    const resources = [
      text(given.resource) ?? 'arn:aws:backup:eu-west-1:111111111111:recovery-point:1',
    ]
    const owner = text(given.account) ?? account
    return guardedActions({ account: owner, organization, scps }, [{ action, resources }])[0]
  }
  const arn = `arn:aws:backup:eu-west-1:${account}:backup-vault:main`
  const policy = given.policy === undefined ? null : document(given.policy, 'resource', 'policy')
  const recoveryPoints = given.recovery_points as string[] | undefined
  const vault = {
    arn,
    account,
    policy,
    organization,
    ...(recoveryPoints ? { recoveryPoints } : {}),
  }
  return coverageOf(vault, [action])[0]
}

function askTrust(given: Given) {
  const arn = text(given.role) ?? 'arn:aws:iam::111111111111:role/backup'
  const trust = given.trust === 'unread' ? undefined : document(given.trust, 'trust', 'trust')
  const trustedRole = { arn, account: arn.split(':')[4] ?? '', trust }
  if (Array.isArray(given.expect)) return trustOf(trustedRole, { organization, trusted })
  const { scps, rcps, context } = requestOf(given)
  return mayBecome(principalOf(given), trustedRole, { organization, scps, rcps, context })
}

function askPowers(given: Given) {
  const { scps, organization: known } = requestOf(given)
  const regions = (given.regions as string[]) ?? ['eu-west-1']
  const things = Object.entries(Object(given.things) as Record<string, Given[]>).map(
    ([of, items]): [string, Resource[]] => [of, items.map((item) => requestOf(item).resource)],
  )
  const surroundings = { account, regions, organization: known, scps, things: new Map(things) }
  const rows = powersOf([principalOf(given)], surroundings)
  return Object.fromEntries(
    Object.keys(given.expect as object).map((key) => [key, shown(rows, key)]),
  )
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
