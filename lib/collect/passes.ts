import { randomBytes } from 'node:crypto'
import pLimit from 'p-limit'
import { describeError } from '../aws/causes.ts'
import type { AwsSettings, Session } from '../aws/session.ts'
import type { Collector } from '../collectors/collector.ts'
import type { LastRead } from '../lake/carry-forward.ts'
import type { Lake } from '../lake/lake.ts'
import { keeping, LakeFailure } from '../lake/lake-failure.ts'
import { createParquetFile } from '../lake/parquet.ts'
import { type Answer, isUnread, type Slice, sliceKey, slicesThatCount } from './answer.ts'
import { collectUnit, type Unit } from './collect-unit.ts'
import { openJournal, readJournals } from './journal.ts'
import { listAnswers, type RunAnswers } from './run-answers.ts'
import { runTogether } from './run-together.ts'
import { openUnitSpool } from './unit-spool.ts'

export interface CollectOptions {
  runId: string
  lake: Lake
  partition: string
  collectors: Map<string, Collector>
  aws: AwsSettings
  caller: Session
  role: { name: string; externalId: string | undefined } | undefined
  perItemCalls: number
  lastReads: (accountId: string) => Promise<LastRead>
  /** Accounts that are read at once. */
  concurrency: number
  signal: AbortSignal | undefined
  onSlice(slice: Slice): void
  onUnit(unit: Unit): void
}

/** A slice that a passing fault kept from being read gets this many passes in all. */
export const PASSES = 3

/**
 * Collects the units, and the slices that a passing fault left unfinished again, in at most three passes. What is already
 * answered in the lake is not asked again, so that this is also how an interrupted run goes on. One that had come to its end is asked
 * again for all that it could not read, in three more passes: whoever resumes it has mended what kept it from being read.
 */
export async function collectInPasses(units: Unit[], options: CollectOptions): Promise<void> {
  const { lake, runId } = options
  let { pass, planned } = await firstOpenPass(units, await listAnswers(lake, runId))
  while (planned.length > 0) {
    await runPass(planned, options)
    if (pass % PASSES === 0) return
    pass++
    planned = await planOf(units, await listAnswers(lake, runId), pass)
  }
}

interface PlannedPass {
  pass: number
  planned: Unit[]
}

/** The first pass that is not answered whole. What a pass goes over follows from the answers of those before it, now as then. */
async function firstOpenPass(units: Unit[], answers: RunAnswers): Promise<PlannedPass> {
  const last = answers.lastPass
  for (let pass = 1; pass <= last; pass++) {
    const planned = await planOf(units, answers, pass)
    if (!planned.every((unit) => answers.has(unit))) return { pass, planned }
  }
  const planned = await planOf(units, answers, last + 1)
  if (planned.length > 0 || last % PASSES === 0) return { pass: last + 1, planned }
  const pass = Math.ceil(last / PASSES) * PASSES + 1
  return { pass, planned: await planOf(units, answers, pass) }
}

/** Accounts whose answers are looked at at once: one may hold a megabyte. */
const ACCOUNTS_AT_ONCE = 16

/** What a pass goes over: all in the first, in the first of three later ones all that is unread, else what may have passed. */
async function planOf(units: Unit[], answers: RunAnswers, pass: number): Promise<Unit[]> {
  if (pass === 1) return units
  const isOpen = pass % PASSES === 1 ? isUnread : mayHavePassed
  const limit = pLimit(ACCOUNTS_AT_ONCE)
  const planned = units.map((unit) =>
    limit(async () => {
      const all = await answers.of(unit.account_id)
      const earlier = all.filter((answer) => answer.pass < pass)
      return planAgain(unit, earlier, { pass, isOpen })
    }),
  )
  return (await Promise.all(planned)).flat()
}

async function runPass(units: Unit[], options: CollectOptions): Promise<void> {
  const answered = new Set(await options.lake.list(`runs/${options.runId}/answers`))
  await runTogether(
    options.concurrency,
    units.map((unit) => async () => {
      if (options.signal?.aborted) return
      const name = `runs/${options.runId}/answers/${unit.unit}-${unit.pass}.json`
      if (!answered.has(name)) await answerUnit(unit, { ...options, name })
      options.onUnit(unit)
    }),
  )
  options.signal?.throwIfAborted()
}

async function answerUnit(unit: Unit, options: CollectOptions & { name: string }): Promise<void> {
  const { lake, runId, name, collectors } = options
  const attempt = randomBytes(4).toString('hex')
  const spool = openUnitSpool((object, table) => createParquetFile(table, lake.path(object)))
  const receipts = `runs/${runId}/receipts/${unit.unit}-${unit.pass}`
  const finished = (await readJournals(lake.path(receipts))).map(({ slice, held }) => {
    const { region, collector: name } = slice
    const collector = collectors.get(name)
    if (!collector) throw new Error(`${lake.path(receipts)} tells of the unknown collector ${name}`)
    return spool.adopt(slice, { runId, unit: unit.unit, attempt, region, name, collector }, held)
  })
  const journal = await keeping(() => openJournal(lake.path(`${receipts}/${attempt}.jsonl`)))
  const answer = await collectUnit(unit, {
    ...options,
    attempt,
    spool,
    finished,
    async onSlice(slice) {
      await keeping(() => journal.write({ slice, held: spool.heldOf(slice) }))
      options.onSlice(slice)
    },
  })
    .catch((error: unknown) => {
      if (error instanceof LakeFailure) throw error
      return lostAnswer(unit, { runId, attempt, error })
    })
    .finally(() => journal.close())
  await keeping(() => lake.createIfAbsent(name, JSON.stringify(answer)))
  await lake.remove(receipts)
}

/** An answer that covers no slice: what it should have covered is `unread` by computation. */
export function lostAnswer(
  unit: Unit,
  { runId, attempt, error }: { runId: string; attempt: string; error: unknown },
): Answer {
  return {
    run_id: runId,
    unit: unit.unit,
    pass: unit.pass,
    attempt,
    account_id: unit.account_id,
    lost: true,
    slices: [],
    error: describeError(error),
  }
}

/** Whether it was a fault that may have passed which left something of a slice unread. */
export function mayHavePassed({ transient, status }: Slice): boolean {
  return transient && status !== 'complete'
}

/**
 * A unit's next pass, over the slices that nothing has answered for, or that are open.
 * @param answers of the unit's account
 * @returns none where nothing is left
 */
export function planAgain(
  unit: Unit,
  answers: Answer[],
  { pass, isOpen }: { pass: number; isOpen: (slice: Slice) => boolean },
): Unit[] {
  const counted = new Map(slicesThatCount(answers).map((slice) => [sliceKey(slice), slice]))
  const open = unit.slices.filter((wanted) => {
    const slice = counted.get(sliceKey({ account_id: unit.account_id, ...wanted }))
    return !slice || isOpen(slice)
  })
  return open.length > 0 ? [{ ...unit, pass, slices: open }] : []
}
