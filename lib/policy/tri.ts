import type { Tri } from './types.ts'

/** Kleene's `or`: one that is true decides, whatever is not known of the others. */
export function any<T>(items: readonly T[], test: (item: T) => Tri): Tri {
  let result: Tri = false
  for (const item of items) {
    const answer = test(item)
    if (answer === true) return true
    if (answer === 'unknown') result = 'unknown'
  }
  return result
}

/** Kleene's `and`: one that is false decides. */
export function all<T>(items: readonly T[], test: (item: T) => Tri): Tri {
  let result: Tri = true
  for (const item of items) {
    const answer = test(item)
    if (answer === false) return false
    if (answer === 'unknown') result = 'unknown'
  }
  return result
}

export function not(value: Tri): Tri {
  return value === 'unknown' ? 'unknown' : !value
}
