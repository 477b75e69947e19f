import { BlockList, isIP } from 'node:net'
import { ANY, globMatches, OPEN, STAR } from './pattern.ts'
import { all, any } from './tri.ts'
import type { Tri } from './types.ts'

/** A condition operator compares one value of the policy (expanded) with one of the request. */
export interface Operator {
  matches(policy: string, value: string): Tri
  /** `…Not…`: true when none of the policy's values matches. */
  negated: boolean
  wild: boolean
  /** Variables are supported in text and ARN operators. */
  variables: boolean
}

const text = { wild: false, variables: true }
const like = { wild: true, variables: true }
const plain = { wild: false, variables: false }

/**
 * By lower-case name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ...pair('stringequals', 'stringnotequals', { ...text, matches: matchesText }),
  ...pair('stringequalsignorecase', 'stringnotequalsignorecase', {
    ...text,
    matches: (policy, value) => matchesText(policy.toLowerCase(), value.toLowerCase()),
  }),
  ...pair('stringlike', 'stringnotlike', { ...like, matches: matchesText }),
  // ArnEquals and ArnLike behave identically.
  ...pair('arnequals', 'arnnotequals', { ...like, matches: matchesArn }),
  ...pair('arnlike', 'arnnotlike', { ...like, matches: matchesArn }),
  ...pair('numericequals', 'numericnotequals', { ...plain, matches: numbers((a, b) => a === b) }),
  ['numericlessthan', { ...plain, negated: false, matches: numbers((a, b) => b < a) }],
  ['numericlessthanequals', { ...plain, negated: false, matches: numbers((a, b) => b <= a) }],
  ['numericgreaterthan', { ...plain, negated: false, matches: numbers((a, b) => b > a) }],
  ['numericgreaterthanequals', { ...plain, negated: false, matches: numbers((a, b) => b >= a) }],
  ...pair('dateequals', 'datenotequals', { ...plain, matches: dates((a, b) => a === b) }),
  ['datelessthan', { ...plain, negated: false, matches: dates((a, b) => b < a) }],
  ['datelessthanequals', { ...plain, negated: false, matches: dates((a, b) => b <= a) }],
  ['dategreaterthan', { ...plain, negated: false, matches: dates((a, b) => b > a) }],
  ['dategreaterthanequals', { ...plain, negated: false, matches: dates((a, b) => b >= a) }],
  ['bool', { ...plain, negated: false, matches: matchesBoolean }],
  ['binaryequals', { ...plain, negated: false, matches: (policy, value) => policy === value }],
  ...pair('ipaddress', 'notipaddress', { ...plain, matches: matchesAddress }),
])

function pair(
  positive: string,
  negative: string,
  operator: Omit<Operator, 'negated'>,
): [string, Operator][] {
  return [
    [positive, { ...operator, negated: false }],
    [negative, { ...operator, negated: true }],
  ]
}

/** Of an open value only the head is known: what agrees with the head may match. */
function matchesText(glob: string, value: string): Tri {
  if (globMatches(glob, value)) return true
  const open = value.indexOf(OPEN)
  if (open < 0) return false
  const known = value.slice(0, open)
  const wild = [...glob].findIndex((char) => char === STAR || char === ANY)
  const head = wild < 0 ? glob : glob.slice(0, wild)
  const length = Math.min(head.length, known.length)
  return head.slice(0, length) === known.slice(0, length) ? 'unknown' : false
}

/** "Each of the six colon-delimited components of the ARN is checked separately and each can include multi-character match wildcards." */
function matchesArn(glob: string, value: string): Tri {
  const wanted = arnParts(glob)
  const given = arnParts(value)
  // What AWS makes of a pattern that is no ARN, such as a bare *, is not documented.
  if (wanted.length < 6) return matchesText(glob, value) === false ? false : 'unknown'
  if (given.length < 6) return value.includes(OPEN) ? 'unknown' : false
  const answers = wanted.map((part, n) => matchesText(part, given[n] ?? ''))
  return all(answers, (answer) => answer)
}

/** Six parts, of which the last keeps its colons. */
export function arnParts(arn: string): string[] {
  const parts = arn.split(':')
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')]
}

function numbers(test: (policy: number, value: number) => boolean): Operator['matches'] {
  return (policy, value) => {
    const wanted = number(policy)
    const given = number(value)
    if (wanted === undefined) return 'unknown'
    return given !== undefined && test(wanted, given)
  }
}

function number(value: string): number | undefined {
  return /^[+-]?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined
}

/** ISO 8601 dates, or seconds since 1970. */
function dates(test: (policy: number, value: number) => boolean): Operator['matches'] {
  return (policy, value) => {
    const wanted = instant(policy)
    const given = instant(value)
    if (wanted === undefined) return 'unknown'
    return given !== undefined && test(wanted, given)
  }
}

function instant(value: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(value) && value.length > 4) return Number(value) * 1000
  const time = /^\d{4}(-\d\d(-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?)?)?$/.test(value)
    ? Date.parse(value)
    : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

function matchesBoolean(policy: string, value: string): Tri {
  const wanted = policy.toLowerCase()
  // A Bool that is neither true nor false matches nothing.
  return (wanted === 'true' || wanted === 'false') && wanted === value.toLowerCase()
}

function matchesAddress(policy: string, value: string): Tri {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d+))?$/.exec(policy) ?? []
  const version = isIP(address)
  const bits = version === 4 ? 32 : 128
  if (version === 0 || Number(prefix ?? bits) > bits) return 'unknown'
  if (isIP(value) !== version) return false
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(address, Number(prefix ?? bits), family)
  return list.check(value, family)
}

/** Whether a value of the request matches one of the policy's. */
export function matchesOne(operator: Operator, policy: readonly string[], value: string): Tri {
  return any(policy, (wanted) => operator.matches(wanted, value))
}
