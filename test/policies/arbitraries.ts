import fc from 'fast-check'
import type { Principal } from '../../lib/policy/types.ts'

/*
 * Random policies and requests out of few words, so that they meet: of documents that say anything at all, most say nothing about most
 * requests.
 */

/** A statement as it is written. */
export interface Plain {
  Effect: 'Allow' | 'Deny'
  Principal?: unknown
  Action?: string[]
  NotAction?: string[]
  Resource?: string[]
  NotResource?: string[]
  Condition?: Record<string, Record<string, string[]>>
}

const names = ['s3:GetObject', 's3:PutObject', 'dynamodb:DeleteTable', 'backup:DeleteRecoveryPoint']
const namePatterns = [
  ...names,
  ...['*', 's3:*', 's3:Get*', 'dynamodb:*', '*:Delete*', 'backup:Delete?ecoveryPoint', 'S3:PUT*'],
]
const arns = [
  'arn:aws:s3:::a',
  'arn:aws:s3:::a/x',
  'arn:aws:s3:::ab/x/y',
  'arn:aws:dynamodb:eu-west-1:111111111111:table/t',
]
const arnPatterns = [
  ...arns,
  ...['*', 'arn:aws:s3:::*', 'arn:aws:s3:::a*', 'arn:aws:s3:::a/*', 'arn:aws:s3:::a?/*'],
  'arn:aws:dynamodb:*:*:table/*',
]
const operators = [
  ...['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase'],
  ...['Bool', 'NumericLessThan', 'NumericNotEquals', 'ArnLike', 'ArnNotEquals', 'DateGreaterThan'],
  ...['IpAddress', 'NotIpAddress', 'BinaryEquals'],
]
/** Keys of conditions, and values that meet. */
const keys = ['k:a', 'k:b', 'k:c']
const values = ['x', 'xy', 'true', '1', '2', '10.0.0.1', 'arn:aws:s3:::a', '2026-01-01']
const wanted = [...values, 'x*', '10.0.0.0/8', 'arn:aws:s3:::*', `$${'{k:a}'}`]

const account = '111111111111'
const principals = [
  '*',
  { AWS: '*' },
  { AWS: account },
  { AWS: [`arn:aws:iam::${account}:role/app`, '222222222222'] },
  { AWS: `arn:aws:iam::${account}:user/app` },
  { AWS: `arn:aws:sts::${account}:assumed-role/app/s` },
  { Service: 'backup.amazonaws.com' },
]

/** One to `most` of a list, also one of them twice. */
export function some<T>(items: readonly T[], most = 3): fc.Arbitrary<T[]> {
  return fc.array(fc.constantFrom(...items), { minLength: 1, maxLength: most, size: 'max' })
}

function mostly<T, U>(share: number, usual: fc.Arbitrary<T>, other: fc.Arbitrary<U>) {
  return fc.oneof({ weight: share, arbitrary: usual }, { weight: 100 - share, arbitrary: other })
}

const condition = fc
  .tuple(
    fc.constantFrom('', '', 'ForAllValues:', 'ForAnyValue:'),
    fc.constantFrom(...operators),
    fc.constantFrom('', '', '', 'IfExists'),
    fc.constantFrom(...keys),
    some(wanted, 2),
  )
  .map(([set, operator, suffix, key, list]) => ({
    [`${set}${operator}${suffix}`]: { [key]: list },
  }))

const presence = fc
  .tuple(fc.constantFrom(...keys), some(['true', 'false'], 2))
  .map(([key, list]) => ({ Null: { [key]: list } }))

const elements = fc.tuple(
  mostly(65, fc.constant('Allow' as const), fc.constant('Deny' as const)),
  mostly(
    85,
    some(namePatterns).map((Action) => ({ Action })),
    some(namePatterns).map((NotAction) => ({ NotAction })),
  ),
  mostly(
    85,
    some(arnPatterns).map((Resource) => ({ Resource })),
    some(arnPatterns).map((NotResource) => ({ NotResource })),
  ),
)

/** A statement without conditions, which means the same to every reader. */
export const bare: fc.Arbitrary<Plain> = elements.map(([Effect, action, resource]) => ({
  Effect,
  ...action,
  ...resource,
}))

export const statement: fc.Arbitrary<Plain> = fc
  .tuple(bare, fc.option(mostly(85, condition, presence)))
  .map(([plain, Condition]) => (Condition ? { ...plain, Condition } : plain))

/** A statement of a resource's policy. */
export const granting: fc.Arbitrary<Plain> = fc
  .tuple(statement, fc.constantFrom(...principals))
  .map(([plain, Principal]) => ({ ...plain, Principal }))

/** A statement of an RCP, which is for everyone. */
const guarding: fc.Arbitrary<Plain> = statement.map((plain) => ({ ...plain, Principal: '*' }))

export function statements(one: fc.Arbitrary<Plain>): fc.Arbitrary<Plain[]> {
  return fc.array(one, { minLength: 1, maxLength: 3, size: 'max' })
}

export const asked = fc.record({
  action: fc.constantFrom(...names),
  resource: fc.constantFrom(...arns),
})

/** Every key with one value, several, or none. */
export const context: fc.Arbitrary<Map<string, string[]>> = fc
  .tuple(...keys.map(() => fc.array(fc.constantFrom(...values), { maxLength: 2, size: 'max' })))
  .map((lists) => new Map(keys.map((key, n) => [key, lists[n] ?? []])))

/** A request with every kind of policy that may decide it. Null in a document's place: it was not read. */
export interface Given {
  action: string
  resource: string
  kind: Principal['kind']
  foreign: boolean
  known: Map<string, string[]>
  identity: (Plain[] | null)[]
  boundary: Plain[] | undefined
  granted: Plain[] | undefined
  scps: Plain[][][] | undefined
  rcps: Plain[][][] | undefined
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 })
const documents = (one: fc.Arbitrary<Plain>, least = 0) =>
  fc.array(statements(one), { minLength: least, maxLength: 2, size: 'max' })
const levels = (one: fc.Arbitrary<Plain>) =>
  fc.array(documents(one, 1), { minLength: 1, maxLength: 2, size: 'max' })

export const given: fc.Arbitrary<Given> = fc
  .record({
    of: asked,
    kind: fc.constantFrom('role', 'role', 'user', 'root'),
    foreign: fc.constantFrom(false, false, false, true),
    known: context,
    identity: documents(statement),
    boundary: maybe(statements(statement)),
    granted: maybe(statements(granting)),
    scps: maybe(levels(statement)),
    rcps: maybe(levels(guarding)),
  })
  .map(({ of, ...rest }) => ({ ...of, ...rest }) as Given)
