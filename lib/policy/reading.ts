import { reserved } from './pattern.ts'
import type { PolicyKind } from './types.ts'

/** Collects what is malformed while a document is read. */
export interface Reading {
  kind: PolicyKind
  variables: boolean
  problem(path: string, message: string): void
}

/** Which of an element and its `Not…` form a statement has; both is an error. */
export function chosen(
  item: Record<string, unknown>,
  name: string,
  path: string,
  reading: Reading,
): [string | undefined, boolean] {
  const plain = Object.hasOwn(item, name)
  const negated = Object.hasOwn(item, `Not${name}`)
  if (plain && negated) reading.problem(`${path}.Not${name}`, `stands beside ${name}`)
  if (plain) return [name, false]
  return negated ? [`Not${name}`, true] : [undefined, false]
}

/** A text or a list of texts, each with its place. */
export function texts(
  value: unknown,
  path: string,
  reading: Pick<Reading, 'problem'>,
): { text: string; at: string }[] {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0) reading.problem(path, 'is empty')
  return list.flatMap((text, index) => {
    const at = Array.isArray(value) ? `${path}[${index}]` : path
    if (typeof text === 'string') {
      holdsReserved(text, at, reading)
      return [{ text, at }]
    }
    reading.problem(at, `is ${describe(text)}, not a text`)
    return []
  })
}

/** Private-use characters stand for wildcards here; an escape brings them in where the JSON itself has none. */
export function holdsReserved(text: string, at: string, reading: Pick<Reading, 'problem'>): void {
  if (reserved.test(text))
    reading.problem(at, 'holds a private-use character, which no AWS name has')
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function describe(value: unknown): string {
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
