import type { Value } from '../engine/engine.ts'

/** Rounded so that sums taken in another order print the same. */
export function share(value: Value | undefined): number | null {
  return typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : null
}

export function text(value: Value | undefined): string {
  return textOrNull(value) ?? ''
}

/** Moments as ISO 8601. */
export function textOrNull(value: Value | undefined): string | null {
  if (value === null || value === undefined) return null
  return value instanceof Date ? value.toISOString() : String(value)
}
