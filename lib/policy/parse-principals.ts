import { chosen, describe, isObject, type Reading, texts } from './reading.ts'
import type { PrincipalEntry, Statement } from './types.ts'

const types = ['AWS', 'Service', 'Federated', 'CanonicalUser'] as const

/**
 * Identity policies and SCPs have no Principal, all others need one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function readPrincipal(
  item: Record<string, unknown>,
  path: string,
  reading: Reading,
): Statement['principal'] {
  const [key, negated] = chosen(item, 'Principal', path, reading)
  const wanted = reading.kind !== 'identity' && reading.kind !== 'scp'
  if (!key) {
    if (wanted) reading.problem(`${path}.Principal`, 'is missing')
    return undefined
  }
  const at = `${path}.${key}`
  if (!wanted) {
    reading.problem(at, 'has no place in this kind of policy')
    return undefined
  }
  if (negated && reading.kind !== 'resource') {
    reading.problem(at, 'is supported in neither trust policies nor RCPs')
  }
  return { negated, entries: readEntries(item[key], at, reading) }
}

function readEntries(value: unknown, path: string, reading: Reading): PrincipalEntry[] {
  if (value === '*') return [{ type: '*', value: '*' }]
  if (!isObject(value) || Object.keys(value).length === 0) {
    reading.problem(path, `is ${describe(value)}, not "*" or an object of principals`)
    return []
  }
  return Object.entries(value).flatMap(([name, list]) => {
    const type = types.find((known) => known === name)
    if (!type) {
      reading.problem(`${path}.${name}`, `is no type of principal; they are ${types.join(', ')}`)
      return []
    }
    return texts(list, `${path}.${name}`, reading).map(({ text, at }) => {
      if (text === '') reading.problem(at, 'is empty')
      return text === '*' && type === 'AWS'
        ? { type: '*' as const, value: '*' }
        : { type, value: text }
    })
  })
}
