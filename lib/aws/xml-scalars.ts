import type { NormalizedSchema } from '@smithy/core/schema'

/**
 * Tells of an answer in XML whether a boolean in it is neither true nor false, or a number is nothing. The SDK takes every other text for
 * false, and no digits for zero, so that afterwards nobody can tell; a `Public` that nobody understood would be "not public".
 * @param schema the model of the answer
 * @param body the answer; any encoding that keeps ASCII will do
 * @returns the element, as it stands there; undefined where there is none
 */
export function doubtfulScalar(schema: NormalizedSchema, body: string): string | undefined {
  const key = schema.getSchema() as object
  if (!patterns.has(key)) patterns.set(key, patternOf(schema))
  return patterns.get(key)?.exec(body)?.[0]
}

const patterns = new WeakMap<object, RegExp | undefined>()

/** Elements that are a boolean, or a number, wherever they stand in the answer. */
function patternOf(schema: NormalizedSchema): RegExp | undefined {
  const booleans = new Set<string>()
  const numbers = new Set<string>()
  const others = new Set<string>()
  collect(schema, { booleans, numbers, others, seen: new Set() })
  const sure = (names: Set<string>, not: Set<string>) =>
    [...names].filter((name) => !others.has(name) && !not.has(name)).join('|')
  const [flags, counts] = [sure(booleans, numbers), sure(numbers, booleans)]
  const patterns = [
    ...(flags ? [`<(?:${flags})(?:/>|>(?!(?:true|false)</)[^<]{0,40})`] : []),
    ...(counts ? [`<(?:${counts})(?:/>|></)`] : []),
  ]
  return patterns.length > 0 ? new RegExp(patterns.join('|'), 'i') : undefined
}

interface Found {
  booleans: Set<string>
  numbers: Set<string>
  others: Set<string>
  seen: Set<unknown>
}

function collect(schema: NormalizedSchema, found: Found): void {
  const key = schema.getSchema()
  if (typeof key === 'object') {
    if (found.seen.has(key)) return
    found.seen.add(key)
  }
  if (schema.isListSchema() || schema.isMapSchema()) collect(schema.getValueSchema(), found)
  if (!schema.isStructSchema()) return
  for (const [name, member] of schema.structIterator()) {
    const element = String(member.getMergedTraits().xmlName ?? name)
    namesOf(member, found).add(element.toLowerCase())
    collect(member, found)
  }
}

function namesOf(member: NormalizedSchema, { booleans, numbers, others }: Found): Set<string> {
  if (member.isBooleanSchema()) return booleans
  return member.isNumericSchema() ? numbers : others
}
