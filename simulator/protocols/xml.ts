import type { NormalizedSchema } from '@smithy/core/schema'

type Writer = (value: unknown) => string

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // Parsers turn a bare carriage return into a newline, and may trim newlines.
  '\r': '&#xD;',
  '\n': '&#xA;',
}

/** Escapes text for an element. */
export function escapeXml(text: string): string {
  return /[&<>"\r\n]/.test(text) ? text.replace(/[&<>"\r\n]/g, (c) => ESCAPES[c] ?? c) : text
}

const writers = new WeakMap<object, Writer>()

/** The writer of a shape's content, compiled once; shapes may contain themselves. */
export function writerOf(schema: NormalizedSchema): Writer {
  const key = schema.getSchema()
  if (schema.isStructSchema() && typeof key === 'object') {
    const known = writers.get(key)
    if (known !== undefined) return known
    const writer = structWriter(schema)
    writers.set(key, writer)
    return writer
  }
  if (schema.isTimestampSchema()) {
    return (value) => (value instanceof Date ? value.toISOString() : String(value))
  }
  if (schema.isBlobSchema()) {
    return (value) => Buffer.from(value as Uint8Array).toString('base64')
  }
  return (value) => escapeXml(String(value))
}

function structWriter(schema: NormalizedSchema): Writer {
  // Compiled at the first use, when a recursive shape's own writer is already known.
  let members: [string, Writer][] | undefined
  return (value) => {
    members ??= [...schema.structIterator()].map(([name, member]) => [name, element(name, member)])
    let xml = ''
    for (const [name, write] of members) {
      const one = (value as Record<string, unknown>)[name]
      if (one !== undefined && one !== null) xml += write(one)
    }
    return xml
  }
}

/** A member with its element around it. */
function element(memberName: string, schema: NormalizedSchema): Writer {
  const traits = schema.getMergedTraits()
  const name = String(traits.xmlName ?? memberName)
  const flat = Boolean(traits.xmlFlattened)
  if (schema.isListSchema()) {
    const item = schema.getValueSchema()
    const inner = wrapped(flat ? name : String(item.getMergedTraits().xmlName ?? 'member'), item)
    const write = (value: unknown) => (value as unknown[]).map(inner).join('')
    return flat ? write : (value) => `<${name}>${write(value)}</${name}>`
  }
  if (schema.isMapSchema()) {
    const keyName = String(schema.getKeySchema().getMergedTraits().xmlName ?? 'key')
    const valueSchema = schema.getValueSchema()
    const inner = wrapped(String(valueSchema.getMergedTraits().xmlName ?? 'value'), valueSchema)
    const entry = flat ? name : 'entry'
    const write = (value: unknown) =>
      Object.entries(value as object)
        .map(([k, v]) => `<${entry}><${keyName}>${escapeXml(k)}</${keyName}>${inner(v)}</${entry}>`)
        .join('')
    return flat ? write : (value) => `<${name}>${write(value)}</${name}>`
  }
  return wrapped(name, schema)
}

function wrapped(name: string, schema: NormalizedSchema): Writer {
  if (schema.isListSchema() || schema.isMapSchema()) return element(name, schema)
  const write = writerOf(schema)
  return (value) => `<${name}>${write(value)}</${name}>`
}
