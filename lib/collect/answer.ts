import { z } from 'zod'
import { GAP_CAUSES } from '../aws/causes.ts'

const gapSchema = z.strictObject({
  account_id: z.string(),
  /** `global` covers every cell of the account. */
  region: z.string(),
  collector: z.string(),
  /** The table whose rows are missing; `*` is every table of the collector. */
  table_name: z.string(),
  /** The one resource that could not be read; null: the table as a whole. */
  resource_arn: z.string().nullable(),
  operation: z.string(),
  cause: z.enum(GAP_CAUSES),
  detail: z.string(),
})

const sliceSchema = z.strictObject({
  account_id: z.string(),
  region: z.string(),
  collector: z.string(),
  status: z.enum(['complete', 'partial', 'unread', 'not_applicable']),
  cause: z.enum(GAP_CAUSES).nullable(),
  detail: z.string().nullable(),
  /** Whether another pass may well read what this one did not. */
  transient: z.boolean(),
  attempt: z.string(),
  started_at: z.string(),
  finished_at: z.string(),
  calls: z.number(),
  retries: z.number(),
  throttles: z.number(),
  rows: z.record(z.string(), z.number()),
  /** Staged Parquet objects by table, relative to the lake. */
  objects: z.record(z.string(), z.string()),
  gaps: z.array(gapSchema),
})

const answerSchema = z.strictObject({
  run_id: z.string(),
  unit: z.string(),
  pass: z.number(),
  attempt: z.string(),
  account_id: z.string(),
  lost: z.boolean(),
  /** Why the answer was lost, where the worker could still say. */
  error: z.string().optional(),
  slices: z.array(sliceSchema),
})

/** Something that could not be read, and why. */
export type Gap = z.infer<typeof gapSchema>
/** What became of one slice: one collector in one cell. */
export type Slice = z.infer<typeof sliceSchema>
/** What one worker says of one unit; the first answer written for a unit and pass is the one that counts. */
export type Answer = z.infer<typeof answerSchema>

/** @throws ZodError where the text is no answer */
export function parseAnswer(text: string): Answer {
  return answerSchema.parse(JSON.parse(text))
}

/** @throws ZodError where the value is no slice */
export function parseSlice(value: unknown): Slice {
  return sliceSchema.parse(value)
}

/** A slice before anything is asked for it: complete, and without a row. */
export function emptySlice(
  of: Pick<Slice, 'account_id' | 'region' | 'collector' | 'attempt'>,
  at: Date,
): Slice {
  const now = at.toISOString()
  return {
    ...of,
    status: 'complete',
    cause: null,
    detail: null,
    transient: false,
    started_at: now,
    finished_at: now,
    calls: 0,
    retries: 0,
    throttles: 0,
    rows: {},
    objects: {},
    gaps: [],
  }
}

/** Whether something is missing of a slice that asking again may fill in: what the budget left out is the next run's. */
export function isUnread({ status, gaps }: Pick<Slice, 'status' | 'gaps'>): boolean {
  if (status === 'unread') return true
  return status === 'partial' && gaps.some(({ cause }) => cause !== 'budget')
}

/** The identity of a slice within a run. */
export function sliceKey(slice: { account_id: string; region: string; collector: string }): string {
  return `${slice.account_id}/${slice.region}/${slice.collector}`
}

const RANK = { complete: 0, not_applicable: 0, partial: 1, unread: 3 } as const

/** What was read of a Region before it was switched off counts for more than that it is. */
const rankOf = ({ status, cause }: Slice) => (cause === 'region_disabled' ? 2 : RANK[status])

/** What is said of a Region that was read in part, and then was switched off, or was switched on only then. */
export const switchedOffMidway = {
  cause: 'region_switched_off',
  detail: 'the Region was switched off for a part of the run',
} as const

/**
 * For every slice the answer that counts: the one that read most, of equals the latest pass.
 * A lost pass therefore never hides what an earlier one read.
 * @param answers all those of an account, where any of them is given
 */
export function slicesThatCount(answers: Answer[]): Slice[] {
  const best = new Map<string, Slice>()
  for (const answer of answers.toSorted((a, b) => a.pass - b.pass)) {
    for (const slice of answer.slices) {
      const held = best.get(sliceKey(slice))
      if (!held || rankOf(slice) <= rankOf(held)) best.set(sliceKey(slice), slice)
    }
  }
  return withoutHalves([...best.values()])
}

/**
 * That a Region is switched off means that nothing of it was read. Where some of it was, the rest is missing: half of a cell must not be
 * taken for all that it holds.
 */
function withoutHalves(slices: Slice[]): Slice[] {
  const cellOf = ({ account_id, region }: Slice) => `${account_id}/${region}`
  const isRead = ({ status }: Slice) => status === 'complete' || status === 'partial'
  const read = new Set(slices.filter(isRead).map(cellOf))
  return slices.map((slice) =>
    slice.cause === 'region_disabled' && read.has(cellOf(slice))
      ? { ...slice, status: 'unread', ...switchedOffMidway }
      : slice,
  )
}
