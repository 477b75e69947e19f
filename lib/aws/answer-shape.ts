import { NormalizedSchema } from '@smithy/core/schema'
import type { StaticOperationSchema } from '@smithy/types'
import { NotAnAnswer } from './whole-answer.ts'

/** Hears of an item that was left out of a list, and why. */
export type OnLeftOut = (problem: NotAnAnswer) => void

/**
 * Holds what the SDK understood against the service's own model, which the SDK does not: it hands on a text where a number should be, and
 * what reads `"false"` as a boolean takes it for true. What says nothing (`null`) is taken away.
 * @param leftOut takes items of lists that contradict the model, so that the others are read; without it they refuse the answer
 * @returns the answer itself, which holds values of its model's types and nothing else
 * @throws NotAnAnswer where a value has another type, and names it
 */
export function modelled<Output>(command: object, output: Output, leftOut?: OnLeftOut): Output {
  const schema = outputSchema(command)
  // Clients of older generations have no model to read; they look at types themselves.
  if (schema) sift(schema, output, { path: operationOf(schema), leftOut })
  return output
}

/** The model of what a command is answered; undefined for clients of older generations. */
export function outputSchema(command: object): NormalizedSchema | undefined {
  const operation = Reflect.get(command, 'schema') as StaticOperationSchema | undefined
  return operation && NormalizedSchema.of(operation[5])
}

const operationOf = (schema: NormalizedSchema) => (schema.getName() ?? '').replace(/Re\w+$/, '')

interface Place {
  path: string
  leftOut: OnLeftOut | undefined
}

/** Looks for the outermost lists, whose items can be left out one by one; whatever else is wrong refuses the whole. */
function sift(schema: NormalizedSchema, value: unknown, { path, leftOut }: Place): void {
  if (schema.isListSchema() && Array.isArray(value) && leftOut) {
    siftItems(schema, value, { path, leftOut })
  } else if (schema.isStructSchema() && isObject(value)) {
    for (const [name, member] of memberSchemas(schema)) {
      if (value[name] === null) delete value[name]
      if (value[name] === undefined) continue
      sift(member, value[name], { path: `${path}.${name}`, leftOut })
    }
  } else {
    const problem = checkerOf(schema)(value, path)
    if (problem) throw new NotAnAnswer(problem)
  }
}

function siftItems(
  schema: NormalizedSchema,
  value: unknown[],
  { path, leftOut }: { path: string; leftOut: OnLeftOut },
): void {
  const item = checkerOf(schema.getValueSchema())
  const problems = value.map((one, index) => item(one, `${path}[${index}]`))
  if (problems.every((problem) => problem === undefined)) return
  const sound = value.filter((_, index) => problems[index] === undefined)
  value.splice(0, value.length)
  for (const one of sound) value.push(one)
  for (const problem of problems) if (problem) leftOut(new NotAnAnswer(problem))
}

/** Tells what is wrong with a value; undefined: nothing. */
type Checker = (value: unknown, path: string) => string | undefined

const checkers = new WeakMap<object, Checker>()
const members = new WeakMap<object, [string, NormalizedSchema][]>()

/** Compiled once for each shape: an answer has thousands of values. Shapes may contain themselves. */
function checkerOf(schema: NormalizedSchema): Checker {
  const key = schema.getSchema()
  if (typeof key !== 'object') return compiled(schema)
  const known = checkers.get(key)
  if (known) return known
  let checker: Checker | undefined
  const lazy: Checker = (value, path) => {
    checker ??= compiled(schema)
    return checker(value, path)
  }
  checkers.set(key, lazy)
  return lazy
}

function compiled(schema: NormalizedSchema): Checker {
  if (schema.isListSchema()) return listChecker(schema)
  if (schema.isMapSchema()) return mapChecker(schema)
  if (schema.isStructSchema()) return structChecker(schema)
  if (schema.isStringSchema()) return typeChecker('a text', (value) => typeof value === 'string')
  if (schema.isBooleanSchema()) {
    return typeChecker('true or false', (value) => typeof value === 'boolean')
  }
  if (schema.isTimestampSchema()) {
    return typeChecker('a time', (value) => value instanceof Date && !Number.isNaN(value.getTime()))
  }
  if (schema.isNumericSchema()) return typeChecker('a number', Number.isFinite)
  // Bytes, documents of any shape, and numbers larger than JavaScript has: nothing that is read here.
  return () => undefined
}

function typeChecker(wanted: string, fits: (value: unknown) => boolean): Checker {
  return (value, path) => (fits(value) ? undefined : `${path} is ${shown(value)}, not ${wanted}`)
}

function listChecker(schema: NormalizedSchema): Checker {
  const item = checkerOf(schema.getValueSchema())
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} is ${shown(value)}, not a list`
    for (const [index, one] of value.entries()) {
      const problem = item(one, `${path}[${index}]`)
      if (problem) return problem
    }
    return undefined
  }
}

function mapChecker(schema: NormalizedSchema): Checker {
  const member = checkerOf(schema.getValueSchema())
  return (value, path) => {
    if (!isObject(value)) return `${path} is ${shown(value)}, not an object`
    return first(Object.keys(value), (name) => problemOf(value, name, { check: member, path }))
  }
}

function structChecker(schema: NormalizedSchema): Checker {
  const checks = memberSchemas(schema).map(([name, member]) => ({ name, check: checkerOf(member) }))
  return (value, path) => {
    if (!isObject(value)) return `${path} is ${shown(value)}, not an object`
    return first(checks, ({ name, check }) => problemOf(value, name, { check, path }))
  }
}

/** What is wrong with a member; one that says nothing is taken away. */
function problemOf(
  holder: Record<string, unknown>,
  name: string,
  { check, path }: { check: Checker; path: string },
): string | undefined {
  const value = holder[name]
  if (value === null) delete holder[name]
  if (value === undefined || value === null) return undefined
  return check(value, `${path}.${name}`)
}

function first<T>(all: T[], look: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const problem = look(one)
    if (problem) return problem
  }
  return undefined
}

function memberSchemas(schema: NormalizedSchema): [string, NormalizedSchema][] {
  const key = schema.getSchema() as object
  const known = members.get(key) ?? [...schema.structIterator()]
  members.set(key, known)
  return known
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What stands there, short enough for a message. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Date) return 'no time at all'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
