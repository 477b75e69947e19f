import { operators } from './operators.ts'
import { compile } from './pattern.ts'
import { describe, holdsReserved, isObject, type Reading } from './reading.ts'
import type { Condition, Pattern } from './types.ts'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
export function readConditions(
  item: Record<string, unknown>,
  path: string,
  reading: Reading,
): Condition[] {
  if (!Object.hasOwn(item, 'Condition')) return []
  const block = item.Condition
  if (!isObject(block)) {
    reading.problem(`${path}.Condition`, `is ${describe(block)}, not an object`)
    return []
  }
  return Object.entries(block).flatMap(([name, keys]) => {
    const at = `${path}.Condition.${name}`
    const operator = readOperator(name)
    if (!operator) {
      reading.problem(at, 'is no condition operator')
      return []
    }
    if (!isObject(keys)) {
      reading.problem(at, `is ${describe(keys)}, not an object of condition keys`)
      return []
    }
    return Object.entries(keys).map(([key, values]) => ({
      ...operator,
      key,
      lookup: key.toLowerCase(),
      values: readValues(values, `${at}.${key}`, operator.operator, reading),
    }))
  })
}

function readOperator(
  name: string,
): Pick<Condition, 'operator' | 'qualifier' | 'ifExists'> | undefined {
  const [, qualifier, rest = ''] = /^(?:(forallvalues|foranyvalue):)?(.*)$/is.exec(name) ?? []
  const text = rest.toLowerCase()
  const ifExists = text.endsWith('ifexists')
  const operator = ifExists ? text.slice(0, -'ifexists'.length) : text
  if (!operators.has(operator) && operator !== 'null') return undefined
  // Null asks itself whether the key exists.
  if (operator === 'null' && ifExists) return undefined
  const set = qualifier?.toLowerCase()
  return {
    operator,
    qualifier: set === undefined ? undefined : set === 'forallvalues' ? 'all' : 'any',
    ifExists,
  }
}

/** AWS also stores numbers and truth values that are written without quotes. */
function readValues(value: unknown, path: string, operator: string, reading: Reading): Pattern[] {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0) reading.problem(path, 'has no values')
  const kind = operators.get(operator)
  return list.flatMap((text, index) => {
    const at = Array.isArray(value) ? `${path}[${index}]` : path
    if (!['string', 'number', 'boolean'].includes(typeof text)) {
      reading.problem(at, `is ${describe(text)}, not a text`)
      return []
    }
    holdsReserved(String(text), at, reading)
    const variables = reading.variables && kind?.variables === true
    return [compile(String(text), { wild: kind?.wild === true, variables })]
  })
}
