import { conditionsHold } from './conditions.ts'
import { actionMatches, arnMatches } from './match.ts'
import { arnParts } from './operators.ts'
import { STAR } from './pattern.ts'
import { any } from './tri.ts'
import type { Condition, Context, Organization, Policy, Statement } from './types.ts'

interface Surroundings {
  resource: { arn: string; account: string | undefined }
  organization: Organization | undefined
  trusted: ReadonlySet<string>
}

interface Reached {
  kind: string
  account: string | undefined
}

/** An account and an organization that nobody names by chance. */
const nobody = { account: '000000000000', organization: 'o-0000000000' }

/**
 * Whether an Allow that reaches strangers is confined: strangers are sent against its conditions, and against the Denies of the same
 * policy. Those are someone of an account that nobody names, someone of each foreign account and organization that the conditions do
 * name, and a service that acts for such an account. So a condition confines by what it means and not by its key: an IfExists, a
 * ForAllValues, a wildcard or a foreign account in the list let strangers in.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html
 */
export function confinement(
  policy: Policy,
  statement: Statement,
  reached: Reached,
  surroundings: Surroundings,
): 'yes' | 'no' | 'unknown' {
  if (statement.effect === 'Deny') return 'yes'
  const denies = policy.statements.filter(
    (other) =>
      other.effect === 'Deny' && sharesActions(statement, other) && reachesAll(statement, other),
  )
  const sent = strangers(statement.conditions, denies, reached, surroundings)
  const written = [...statement.conditions, ...denies.flatMap((deny) => deny.conditions)]
  const entered = any(throughServices(sent, written), (context) => {
    const allowed = conditionsHold(statement.conditions, context)
    if (allowed === false) return false
    const denied = any(denies, (deny) => conditionsHold(deny.conditions, context))
    if (denied === true) return false
    return denied === 'unknown' ? 'unknown' : allowed
  })
  return entered === 'unknown' ? 'unknown' : entered ? 'no' : 'yes'
}

/**
 * Whoever may use a key may do so through a service, which needs nobody's leave: strangers come by themselves, and through each service
 * that is named.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
function throughServices(contexts: Context[], conditions: Condition[]): Context[] {
  const via = conditions.filter(({ lookup }) => lookup === VIA)
  if (via.length === 0) return contexts
  const ways = [[], ...valuesOf(via).map((service) => [filled(service)])]
  return contexts.flatMap((context) =>
    ways.map((way) => ({ get: (key: string) => (key === VIA ? way : context.get(key)) })),
  )
}

const VIA = 'kms:viaservice'

/** A Deny counts when it is about everything that the Allow is about. */
function sharesActions(allow: Statement, deny: Statement): boolean {
  if (allow.action.negated) return deny.action.patterns.some(({ glob }) => glob === STAR)
  return allow.action.patterns.every(({ glob, wild }) => {
    if (!wild) return actionMatches(deny, glob)
    const wider = deny.action.patterns.some((other) => other.glob === STAR || other.glob === glob)
    return wider && !deny.action.negated
  })
}

/** For everyone, and on everything that the Allow is on; a narrower one is left out, which confines less. */
function reachesAll(allow: Statement, { principal, resource }: Statement): boolean {
  const everyone =
    principal?.negated === false && principal.entries.some(({ type }) => type === '*')
  if (!everyone || !resource) return everyone
  if (resource.negated || allow.resource?.negated !== false) return false
  return allow.resource.patterns.every(({ source }) =>
    resource.patterns.some(({ glob }) => arnMatches(glob, source) === true),
  )
}

function strangers(
  conditions: Condition[],
  denies: Statement[],
  reached: Reached,
  surroundings: Surroundings,
): Context[] {
  const written = [...conditions, ...denies.flatMap((deny) => deny.conditions)]
  const values = valuesOf(written)
  const accounts = reached.account
    ? [reached.account]
    : [
        nobody.account,
        ...[...named(values, /\b\d{12}\b/g), ...accountsLike(written)].filter((account) =>
          isForeign(account, surroundings),
        ),
      ]
  const paths = [
    ...valuesOf(written.filter(({ lookup }) => lookup === 'aws:principalorgpaths')).map(filled),
    ...named(values, /\bo-[a-z0-9]{10,32}\b/g).map((id) => `${id}/r-0000/`),
  ].filter((path) => path.split('/')[0] !== surroundings.organization?.id)
  const arns = valuesOf(written.filter(({ lookup }) => lookup === 'aws:principalarn'))
  const people = accounts.flatMap((account) => {
    const own = arns.map((arn) => arnOf(arn, account)).filter((arn) => arnParts(arn)[4] === account)
    return [`arn:aws:iam::${account}:role/stranger`, ...own].flatMap((arn) =>
      [`${nobody.organization}/r-0000/`, ...paths].map((path) =>
        person(account, arn, path, surroundings),
      ),
    )
  })
  if (reached.account !== undefined) return people
  // Without an organization, and without credentials at all.
  const alone = person(
    nobody.account,
    `arn:aws:iam::${nobody.account}:root`,
    undefined,
    surroundings,
  )
  const sources = valuesOf(written.filter(({ lookup }) => lookup === 'aws:sourcearn'))
  const services = accounts.flatMap((account) =>
    ['arn:aws:backup:us-east-1:*:backup-vault:stranger', ...sources]
      .map((arn) => arnOf(arn, account))
      .filter((arn) => arnParts(arn)[4] === account)
      .map((arn) => service(account, arn, surroundings)),
  )
  return [...people, alone, anonymous(surroundings), ...services]
}

function valuesOf(conditions: Condition[]): string[] {
  return conditions.flatMap(({ values }) => values.map(({ source }) => source))
}

/** Someone whom a pattern of ARNs lets in, of an account where the pattern leaves the account open. */
function arnOf(pattern: string, account: string): string {
  const parts = arnParts(pattern)
  if (parts.length < 6) return `arn:aws:iam::${account}:role/stranger`
  const open = /[*?]/.test(parts[4] ?? '')
  return parts.map((part, n) => (n === 4 && open ? account : filled(part))).join(':')
}

function filled(pattern: string): string {
  return pattern.replace(/[*?]/g, 'x')
}

function named(values: string[], pattern: RegExp): string[] {
  return [...new Set(values.flatMap((value) => value.match(pattern) ?? []))]
}

/** Accounts that patterns of accounts let in, two of each: a star is filled with zeros or with nines. */
function accountsLike(conditions: Condition[]): string[] {
  const patterns = valuesOf(conditions.filter(({ lookup }) => accountKeys.has(lookup)))
  return patterns.flatMap((pattern) => {
    const missing = 12 - pattern.replaceAll('*', '').length
    if (!/^[\d*?]+$/.test(pattern) || missing < 0) return []
    return ['0', '9'].map((digit) =>
      pattern.replace('*', digit.repeat(missing)).replaceAll('*', '').replaceAll('?', digit),
    )
  })
}

const accountKeys = new Set(['aws:principalaccount', 'kms:calleraccount', 'aws:sourceaccount'])

function isForeign(account: string, { resource, organization, trusted }: Surroundings): boolean {
  return account !== resource.account && !organization?.paths.has(account) && !trusted.has(account)
}

function person(
  account: string,
  arn: string,
  path: string | undefined,
  surroundings: Surroundings,
): Context {
  return new Map<string, readonly string[]>([
    ...base(surroundings),
    ['aws:principalaccount', [account]],
    ['kms:calleraccount', [account]],
    ['aws:principalorgid', path ? [path.split('/')[0] ?? ''] : []],
    ['aws:principalorgpaths', path ? [path] : []],
    ['aws:principalarn', [arn]],
    ['aws:principaltype', ['AssumedRole']],
    ['aws:principalisawsservice', ['false']],
    ['aws:userid', ['AROA00000000000000000:stranger']],
    ...absent(sources),
  ])
}

function anonymous(surroundings: Surroundings): Context {
  return new Map<string, readonly string[]>([
    ...base(surroundings),
    ...absent(identities),
    ...absent(sources),
    ['aws:principaltype', ['Anonymous']],
    ['aws:principalisawsservice', ['false']],
  ])
}

/** A service that acts for a stranger's account. */
function service(account: string, arn: string, surroundings: Surroundings): Context {
  return new Map<string, readonly string[]>([
    ...base(surroundings),
    ...absent(identities),
    ['aws:principalisawsservice', ['true']],
    ['aws:sourceaccount', [account]],
    ['aws:sourcearn', [arn]],
    ['aws:sourceorgid', [nobody.organization]],
    ['aws:sourceorgpaths', [`${nobody.organization}/r-0000/`]],
  ])
}

const identities = [
  'aws:principalaccount',
  'kms:calleraccount',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalarn',
  'aws:userid',
  'aws:username',
]

const sources = ['aws:sourceaccount', 'aws:sourcearn', 'aws:sourceorgid', 'aws:sourceorgpaths']

function absent(keys: string[]): [string, readonly string[]][] {
  return keys.map((key) => [key, []])
}

function base({ resource, organization }: Surroundings): [string, readonly string[]][] {
  const path =
    resource.account === undefined ? undefined : organization?.paths.get(resource.account)
  return [
    ['aws:securetransport', ['true']],
    ...(resource.account
      ? [['aws:resourceaccount', [resource.account]] as [string, string[]]]
      : []),
    ...(path && organization?.id
      ? [['aws:resourceorgid', [organization.id]] as [string, string[]]]
      : []),
  ]
}
