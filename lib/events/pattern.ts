import { type Answer, all, any, type Json, matchesLeaf } from './operators.ts'

/**
 * Whether an event pattern matches an event; `unknown` where the pattern is malformed or says something that this reading of the
 * language does not know, and no other part of it decides.
 * Source: Amazon EventBridge user guide, "Creating event patterns" and "Comparison operators for use in event patterns".
 */
export function matchPattern(pattern: string, event: Json): Answer {
  const parsed = parse(pattern)
  return parsed === undefined ? 'unknown' : matchObject(parsed, event)
}

/**
 * Whether a pattern could match some event of that source and type, whatever the rest of the event is; malformed patterns could.
 */
export function couldMatch(pattern: string, envelope: { source: string; type: string }): boolean {
  const parsed = parse(pattern)
  if (parsed === undefined) return true
  const known: Json = { source: envelope.source, 'detail-type': envelope.type }
  const fields = Object.entries(parsed).filter(([name]) => Object.hasOwn(known, name))
  return matchObject(Object.fromEntries(fields), known) !== 'no'
}

type JsonObject = { [name: string]: Json }

function parse(pattern: string): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(pattern)
    return isObject(value) && Object.keys(value).length > 0 ? value : undefined
  } catch {
    return undefined
  }
}

/** Every field must match: a field of the pattern is an array of alternatives, or an object that goes one level down. */
function matchObject(pattern: JsonObject, event: Json | undefined): Answer {
  return all(Object.entries(pattern).map(([name, value]) => matchField(name, value, event)))
}

function matchField(name: string, pattern: Json, event: Json | undefined): Answer {
  if (name === '$or') return matchOr(pattern, event)
  // A dot stands for a level too, "which should not be relied upon" (Event Ruler).
  if (name.includes('.')) return 'unknown'
  if (Array.isArray(pattern)) return matchLeaves(pattern, valuesAt(event, name))
  if (!isObject(pattern) || Object.keys(pattern).length === 0) return 'unknown'
  const found = elementsAt(event, name)
  // Of an array of objects one must match as a whole; of what is not there, absence alone can match.
  return any((found.length > 0 ? found : [undefined]).map((one) => matchObject(pattern, one)))
}

/** Alternatives among objects; with fewer than two, or something else in it, `$or` would be a field's name. */
function matchOr(pattern: Json, event: Json | undefined): Answer {
  if (!Array.isArray(pattern) || pattern.length < 2 || !pattern.every(isObject)) return 'unknown'
  return any(pattern.map((one) => matchObject(one, event)))
}

/** One of the alternatives must match one of the values. */
function matchLeaves(alternatives: Json[], values: Json[]): Answer {
  if (alternatives.length === 0) return 'unknown'
  return any(alternatives.map((one) => matchesLeaf(one, values)))
}

/** What stands at a field, arrays unfolded; an object is no value. */
function valuesAt(event: Json | undefined, name: string): Json[] {
  return elementsAt(event, name).filter((value) => !isObject(value))
}

function elementsAt(event: Json | undefined, name: string): Json[] {
  if (!isObject(event)) return []
  const value = event[name]
  return value === undefined ? [] : unfolded(value)
}

function unfolded(value: Json): Json[] {
  return Array.isArray(value) ? value.flatMap(unfolded) : [value]
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
