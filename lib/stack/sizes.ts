import type { Step } from './steps.ts'

interface Capacity {
  /** Megabytes. */
  memory: number
  /** Until it is ended. */
  minutes: number
  /** Copies that may run at once; undefined: as many as there are workers. */
  copies?: number
}

/** One core is 1,769 MB. A worker waits for AWS most of the time; what reads answers and sorts rows does not. */
export const SIZES: Record<Step, Capacity> = {
  discover: { memory: 512, minutes: 10, copies: 2 },
  collect: { memory: 1769, minutes: 15 },
  reconcile: { memory: 3008, minutes: 15, copies: 2 },
  derive: { memory: 1769, minutes: 15 },
  compact: { memory: 3008, minutes: 15, copies: 2 },
  'render-queries': { memory: 1024, minutes: 5, copies: 2 },
  report: { memory: 1769, minutes: 15, copies: 2 },
  publish: { memory: 3008, minutes: 15, copies: 2 },
  fail: { memory: 1769, minutes: 10, copies: 2 },
}

/** What a unit may spool before it is uploaded. */
export const SPOOL_GIB = 4
