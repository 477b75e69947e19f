/** A generator that gives the same for the same seed (mulberry32). */
export function seeded(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T
  const some = <T>(items: readonly T[], most = 3): T[] =>
    Array.from({ length: 1 + below(most) }, () => pick(items))
  return { below, pick, some, chance: (share: number) => next() < share }
}

export type Random = ReturnType<typeof seeded>

const actions = ['s3:GetObject', 's3:PutObject', 'ec2:DeleteSnapshot', 'backup:DeleteRecoveryPoint']
const actionPatterns = [
  ...actions,
  '*',
  's3:*',
  's3:Get*',
  'ec2:*',
  '*:Delete*',
  'backup:Delete?ecoveryPoint',
  'S3:PUT*',
]
const arns = [
  'arn:aws:s3:::a',
  'arn:aws:s3:::a/x',
  'arn:aws:s3:::ab/x/y',
  'arn:aws:ec2:eu-west-1::snapshot/s-1',
]
const arnPatterns = [
  ...arns,
  '*',
  'arn:aws:s3:::*',
  'arn:aws:s3:::a*',
  'arn:aws:s3:::a/*',
  'arn:aws:s3:::a?/*',
  'arn:aws:ec2:*:*:snapshot/*',
]
const operators = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'StringEqualsIgnoreCase',
  'Null',
  'Bool',
  'NumericLessThan',
]

const variable = `$${'{k:a}'}`

/** A condition key with its values: small enough that they meet. */
export const keys = ['k:a', 'k:b', 'k:c']
export const values = ['x', 'xy', 'true', '1', '2']

export interface Plain {
  Effect: 'Allow' | 'Deny'
  Action?: string[]
  NotAction?: string[]
  Resource?: string[]
  NotResource?: string[]
  Condition?: Record<string, Record<string, string[]>>
}

/** A statement; without conditions where they would need a context. */
export function statement(random: Random, conditions: boolean): Plain {
  const action = random.some(actionPatterns)
  const resource = random.some(arnPatterns)
  return {
    Effect: random.chance(0.35) ? 'Deny' : 'Allow',
    ...(random.chance(0.15) ? { NotAction: action } : { Action: action }),
    ...(random.chance(0.15) ? { NotResource: resource } : { Resource: resource }),
    ...(conditions && random.chance(0.6) ? { Condition: condition(random) } : {}),
  }
}

export function statements(random: Random, conditions: boolean): Plain[] {
  return Array.from({ length: 1 + random.below(3) }, () => statement(random, conditions))
}

function condition(random: Random): Record<string, Record<string, string[]>> {
  const operator = random.pick(operators)
  const set = operator === 'Null' ? '' : random.pick(['', '', 'ForAllValues:', 'ForAnyValue:'])
  const suffix = operator !== 'Null' && random.chance(0.2) ? 'IfExists' : ''
  const wanted = operator === 'Null' ? ['true', 'false'] : [...values, 'x*', variable]
  return { [`${set}${operator}${suffix}`]: { [random.pick(keys)]: random.some(wanted, 2) } }
}

export function asked(random: Random) {
  return { action: random.pick(actions), resource: random.pick(arns) }
}

/** Every key with one value, several, or none. */
export function context(random: Random): Map<string, string[]> {
  return new Map(keys.map((key) => [key, random.chance(0.2) ? [] : random.some(values, 2)]))
}
