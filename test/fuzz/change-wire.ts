import type { Change } from './changes.ts'

/** A way of writing answers, and of changing what is written. */
export interface Wire {
  /** Where something stands in an answer: names of members and numbers of items. */
  paths(body: string): string[][]
  /** The answer with one value changed; undefined where there is no such value in it. */
  alter(body: string, path: string[], change: Change): string | undefined
}
