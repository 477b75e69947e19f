import pLimit from 'p-limit'
import { lostAnswer, mayHavePassed, PASSES, planAgain } from '../collect/passes.ts'
import type { Lake } from '../lake/lake.ts'
import type { PlannedUnit, RunState } from './payloads.ts'
import {
  answersOf,
  openRun,
  readLines,
  runFiles,
  unitsOf,
  wholeUnit,
  writeLines,
} from './run-files.ts'

/** Units that are looked at at once: an answer may hold a megabyte. */
const UNITS_AT_ONCE = 16

/**
 * Closes a pass: answers for workers that never did, and plans another pass over what is unfinished, unless this was the last.
 * It looks at one unit after another, so that memory does not grow with the organization.
 */
export async function closePass(state: RunState, { lake }: { lake: Lake }): Promise<RunState> {
  const { run_id, pass } = state
  const units = await unitsOf(await openRun(lake, run_id))
  const planned = await readLines<PlannedUnit>(lake, state.units_key)
  const limit = pLimit(UNITS_AT_ONCE)
  const next = await Promise.all(
    planned.map((item) =>
      limit(async (): Promise<PlannedUnit[]> => {
        const unit = wholeUnit(units, item)
        const name = runFiles.answer(run_id, item.unit, pass)
        let answers = await answersOf(lake, run_id, item)
        if (!answers.some((answer) => answer.pass === pass)) {
          const error = new Error('the worker ended without an answer')
          const lost = lostAnswer(unit, { runId: run_id, attempt: 'none', error })
          // A worker that is late may still have won.
          await lake.createIfAbsent(name, JSON.stringify(lost))
          answers = await answersOf(lake, run_id, item)
        }
        const all = wholeUnit(units, { ...item, slices: undefined })
        const another = { pass: pass + 1, isOpen: mayHavePassed }
        return planAgain(all, answers, another).map(({ slices, ...again }) => ({
          ...again,
          ...(slices.length < all.slices.length ? { slices } : {}),
        }))
      }),
    ),
  )
  const open = pass < PASSES ? next.flat() : []
  const units_key = runFiles.units(run_id, pass + 1)
  await writeLines(lake, units_key, open)
  return { ...state, pass: pass + 1, open: open.length, units_key }
}
