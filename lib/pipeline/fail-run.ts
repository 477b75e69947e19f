import pLimit from 'p-limit'
import { slicesThatCount } from '../collect/answer.ts'
import { PASSES } from '../collect/passes.ts'
import type { Lake } from '../lake/lake.ts'
import type { FailEvent } from './payloads.ts'
import { answersOf, openRun, unitsOf } from './run-files.ts'

/** `reports/<run>/failed.json`: what is known of a run that could not be concluded. It holds no judgement: nothing was judged whole. */
export interface Failure {
  run_id: string | null
  execution: string
  failed_at: string
  error: string
  cause: string
  /** Slices by what became of them; `unread` are also those that nobody answered for. Null: it failed before it was planned. */
  slices: Record<string, number> | null
}

const UNITS_AT_ONCE = 16

/** Leaves a truthful account of a run that failed. */
export async function failRun(
  event: FailEvent,
  { lake, clock }: { lake: Lake; clock: () => Date },
): Promise<Failure> {
  const runId = event.run?.run_id ?? null
  const failure: Failure = {
    run_id: runId,
    execution: event.execution,
    failed_at: clock().toISOString(),
    error: event.error.Error ?? 'unknown',
    cause: event.error.Cause ?? '',
    slices: runId === null ? null : await countSlices(lake, runId),
  }
  const name = runId ?? event.execution.split(':').at(-1)
  await lake.write(`reports/${name}/failed.json`, `${JSON.stringify(failure, undefined, 2)}\n`)
  return failure
}

async function countSlices(lake: Lake, runId: string): Promise<Record<string, number>> {
  const units = [...(await unitsOf(await openRun(lake, runId))).values()]
  const counts: Record<string, number> = {}
  const limit = pLimit(UNITS_AT_ONCE)
  const add = (status: string, n: number) => {
    counts[status] = (counts[status] ?? 0) + n
  }
  await Promise.all(
    units.map((unit) =>
      limit(async () => {
        const answers = await answersOf(lake, runId, { unit: unit.unit, pass: PASSES })
        const slices = slicesThatCount(answers)
        for (const { status } of slices) add(status, 1)
        add('unread', unit.slices.length - slices.length)
      }),
    ),
  )
  return counts
}
