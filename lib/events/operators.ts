import { BlockList, isIP } from 'node:net'

/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** What can be said of a match. */
export type Answer = 'yes' | 'no' | 'unknown'

/** All must hold: one that does not decides, whatever is unknown of the others. */
export function all(answers: Answer[]): Answer {
  if (answers.includes('no')) return 'no'
  return answers.includes('unknown') ? 'unknown' : 'yes'
}

/** One must hold. */
export function any(answers: Answer[]): Answer {
  if (answers.includes('yes')) return 'yes'
  return answers.includes('unknown') ? 'unknown' : 'no'
}

/**
 * Whether one alternative of a pattern matches the values of a field (none: the field is not there). A literal matches its very
 * self; an object names one operator.
 */
export function matchesLeaf(alternative: Json, values: Json[]): Answer {
  if (Array.isArray(alternative)) return 'unknown'
  if (typeof alternative !== 'object' || alternative === null) {
    return answer(values.includes(alternative))
  }
  const [operator, more] = Object.entries(alternative)
  if (!operator || more) return 'unknown'
  const [name, operand] = operator
  if (name === 'exists') {
    if (typeof operand !== 'boolean') return 'unknown'
    return answer(operand === values.length > 0)
  }
  const test = testOf(name, operand)
  if (!test) return 'unknown'
  return answer(values.some(test))
}

type Test = (value: Json) => boolean

/** What an operator asks of one value; undefined where it is none that is known, or its operand is not one of its own. */
function testOf(operator: string, operand: Json): Test | undefined {
  if (operator === 'anything-but') return anythingBut(operand)
  if (operator === 'numeric') return numeric(operand)
  if (operator === 'cidr') return cidr(operand)
  return textTest(operator, operand)
}

const lower = (text: string) => text.toLowerCase()

/** The operators over text; they match nothing else. */
function textTest(operator: string, operand: Json): Test | undefined {
  const folded = ignoringCase(operand)
  const text = folded ?? operand
  if (typeof text !== 'string') return undefined
  const of = (test: (value: string) => boolean): Test => {
    return (value) => typeof value === 'string' && test(folded === undefined ? value : lower(value))
  }
  if (operator === 'prefix') return of((value) => value.startsWith(text))
  if (operator === 'suffix') return of((value) => value.endsWith(text))
  if (folded !== undefined) return undefined
  if (operator === 'equals-ignore-case') return of((value) => lower(value) === lower(text))
  const pattern = operator === 'wildcard' ? wildcard(text) : undefined
  return pattern && of((value) => pattern.test(value))
}

/** The operand of `prefix` and `suffix` may itself be `{"equals-ignore-case": …}`. */
function ignoringCase(operand: Json): string | undefined {
  if (typeof operand !== 'object' || operand === null || Array.isArray(operand)) return undefined
  const [only, more] = Object.entries(operand)
  if (only?.[0] !== 'equals-ignore-case' || more || typeof only[1] !== 'string') return undefined
  return lower(only[1])
}

/** `*` stands for any characters, a backslash takes its meaning away. Two in a row are not allowed, nor a backslash before else. */
function wildcard(text: string): RegExp | undefined {
  if (!/^(\\[*\\]|\*(?!\*)|[^*\\])*$/.test(text)) return undefined
  const source = text.replace(/\\?./gsu, (token) => {
    if (token === '*') return '.*'
    const literal = token.length > 1 && token.startsWith('\\') ? token.slice(1) : token
    return literal.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
  })
  return new RegExp(`^${source}$`, 'su')
}

/** Any value but these: a literal, a list of texts or of numbers, or what one of the operators over text matches. */
function anythingBut(operand: Json): Test | undefined {
  if (typeof operand === 'string' || typeof operand === 'number') {
    return (value) => value !== operand
  }
  if (Array.isArray(operand)) return isUniform(operand) ? (v) => !operand.includes(v) : undefined
  if (typeof operand !== 'object' || operand === null) return undefined
  const [operator, more] = Object.entries(operand)
  if (!operator || more) return undefined
  const [name, what] = operator
  const tests = (Array.isArray(what) ? what : [what]).map((one) => textTest(name, one))
  if (tests.length === 0 || tests.some((test) => test === undefined)) return undefined
  return (value) => typeof value === 'string' && !tests.some((test) => test?.(value))
}

function isUniform(list: Json[]): boolean {
  const [type, ...others] = new Set(list.map((one) => typeof one))
  return (type === 'string' || type === 'number') && others.length === 0
}

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
}

/** One comparison, or a lower and an upper bound. */
function numeric(operand: Json): Test | undefined {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) return undefined
  const tests: ((value: number) => boolean)[] = []
  for (let at = 0; at < operand.length; at += 2) {
    const compare = comparisons[String(operand[at])]
    const bound = operand[at + 1]
    if (!compare || typeof bound !== 'number') return undefined
    tests.push((value) => compare(value, bound))
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value))
}

function cidr(operand: Json): Test | undefined {
  if (typeof operand !== 'string') return undefined
  const [address = '', bits = ''] = operand.split('/')
  const version = isIP(address)
  const most = version === 6 ? 128 : 32
  if (version === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most) return undefined
  const family = version === 6 ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  list.addSubnet(address, Number(bits), family)
  return (value) =>
    typeof value === 'string' && isIP(value) === version && list.check(value, family)
}

function answer(holds: boolean): Answer {
  return holds ? 'yes' : 'no'
}
