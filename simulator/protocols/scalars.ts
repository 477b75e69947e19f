import type { NormalizedSchema } from '@smithy/core/schema'

/** Reads a value that travelled as text, in a query string, path or form. */
export function readScalar(schema: NormalizedSchema, text: string): unknown {
  if (schema.isBooleanSchema()) return text === 'true'
  if (schema.isNumericSchema()) return Number(text)
  if (schema.isTimestampSchema()) {
    return new Date(/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : text)
  }
  return text
}
