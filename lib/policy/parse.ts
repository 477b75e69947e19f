import { duplicateKeys } from './duplicate-keys.ts'
import { readConditions } from './parse-conditions.ts'
import { readPrincipal } from './parse-principals.ts'
import { compile } from './pattern.ts'
import { chosen, describe, holdsReserved, isObject, type Reading, texts } from './reading.ts'
import type { Parsed, Pattern, Policy, PolicyKind, Problem, Statement } from './types.ts'

const statementKeys = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]

/**
 * Reads a policy as AWS stores it: JSON, also URL-encoded as IAM returns it or with a byte order mark, or the parsed value.
 * It never throws: what is malformed is said with its place in the document.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function parsePolicy(document: unknown, kind: PolicyKind): Parsed {
  const problems: Problem[] = []
  const problem = (path: string, message: string) => problems.push({ path, message })
  const root = typeof document === 'string' ? readJson(document, problem) : document
  if (problems.length > 0) return { problems }
  const policy = readPolicy(root, kind, problem)
  return policy && problems.length === 0 ? { policy } : { problems }
}

function readJson(text: string, problem: Reading['problem']): unknown {
  const json = decode(text.replace(/^\uFEFF/, '').trim())
  holdsReserved(json, '', { problem })
  try {
    const value: unknown = JSON.parse(json)
    for (const path of duplicateKeys(json)) problem(path, 'is named twice')
    return value
  } catch (error) {
    problem('', `is not JSON: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

/** IAM returns documents encoded by RFC 3986; other services do not. Plain JSON may hold a `%` of its own. */
function decode(text: string): string {
  if (!/^(%EF%BB%BF)?(%\w\w)*%7B/i.test(text)) return text
  try {
    return decodeURIComponent(text).replace(/^\uFEFF/, '')
  } catch {
    return text
  }
}

function readPolicy(
  root: unknown,
  kind: PolicyKind,
  problem: Reading['problem'],
): Policy | undefined {
  if (!isObject(root)) {
    problem('', `is not an object but ${describe(root)}`)
    return undefined
  }
  for (const key of Object.keys(root)) {
    if (!['Version', 'Id', 'Statement'].includes(key)) problem(key, 'is no element of a policy')
  }
  // Without Version it is the older one: variables are plain text then.
  const version = Object.hasOwn(root, 'Version') ? root.Version : '2008-10-17'
  if (version !== '2008-10-17' && version !== '2012-10-17') {
    problem('Version', `is ${describe(version)}, not 2012-10-17 or 2008-10-17`)
    return undefined
  }
  const reading = { kind, variables: version === '2012-10-17', problem }
  return { version, statements: readStatements(root, reading) }
}

function readStatements(root: Record<string, unknown>, reading: Reading): Statement[] {
  if (!Object.hasOwn(root, 'Statement')) {
    reading.problem('Statement', 'is missing')
    return []
  }
  const statement = root.Statement
  const list: unknown[] = Array.isArray(statement) ? statement : [statement]
  return list.flatMap((item, index) => {
    const path = Array.isArray(statement) ? `Statement[${index}]` : 'Statement'
    if (isObject(item)) return [readStatement(item, index, path, reading)]
    reading.problem(path, `is not an object but ${describe(item)}`)
    return []
  })
}

function readStatement(
  item: Record<string, unknown>,
  index: number,
  path: string,
  reading: Reading,
): Statement {
  for (const key of Object.keys(item)) {
    if (!statementKeys.includes(key)) {
      reading.problem(`${path}.${key}`, 'is no element of a statement')
    }
  }
  const { Sid: sid, Effect: effect } = item
  if (sid !== undefined && typeof sid !== 'string') {
    reading.problem(`${path}.Sid`, `is ${describe(sid)}, not a text`)
  }
  if (effect !== 'Allow' && effect !== 'Deny') {
    reading.problem(`${path}.Effect`, `is ${describe(effect)}, not Allow or Deny`)
  }
  return {
    index,
    sid: typeof sid === 'string' && sid !== '' ? sid : undefined,
    effect: effect === 'Allow' ? 'Allow' : 'Deny',
    action: readActions(item, path, reading),
    resource: readResources(item, path, reading),
    principal: readPrincipal(item, path, reading),
    conditions: readConditions(item, path, reading),
  }
}

function readActions(item: Record<string, unknown>, path: string, reading: Reading) {
  const [key, negated] = chosen(item, 'Action', path, reading)
  if (!key) {
    reading.problem(`${path}.Action`, 'is missing')
    return { negated: false, patterns: [] }
  }
  const patterns = texts(item[key], `${path}.${key}`, reading).map(({ text, at }) => {
    // Names of services and actions are not case-sensitive.
    if (!/^(\*|[a-z0-9*?-]+:[a-z0-9*?]+)$/i.test(text)) {
      reading.problem(at, `is ${describe(text)}, not * or service:action`)
    }
    return { ...compile(text.toLowerCase(), { wild: true, variables: false }), source: text }
  })
  return { negated, patterns }
}

function readResources(item: Record<string, unknown>, path: string, reading: Reading) {
  const [key, negated] = chosen(item, 'Resource', path, reading)
  if (!key) {
    if (reading.kind !== 'trust') reading.problem(`${path}.Resource`, 'is missing')
    return undefined
  }
  const patterns: Pattern[] = texts(item[key], `${path}.${key}`, reading).map(({ text, at }) => {
    if (text === '') reading.problem(at, 'is empty')
    return compile(text, { wild: true, variables: reading.variables })
  })
  return { negated, patterns }
}
