import { randomBytes } from 'node:crypto'
import pLimit from 'p-limit'
import { describeError } from '../aws/causes.ts'
import type { AwsSettings, Session } from '../aws/session.ts'
import type { Collector } from '../collectors/collector.ts'
import type { LastRead } from '../lake/carry-forward.ts'
import type { Lake } from '../lake/lake.ts'
import { createParquetFile } from '../lake/parquet.ts'
import { type Answer, parseAnswer, type Slice, sliceKey, slicesThatCount } from './answer.ts'
import { collectUnit, type Unit } from './collect-unit.ts'
import { openJournal, readJournals } from './journal.ts'
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
 * answered in the lake is not asked again, so that this is also how an interrupted run goes on.
 */
export async function collectInPasses(units: Unit[], options: CollectOptions): Promise<Answer[]> {
  let planned = units
  for (let pass = 1; pass <= PASSES && planned.length > 0; pass++) {
    await runPass(planned, options)
    planned = planNextPass(units, await readAnswers(options.lake, options.runId), pass + 1)
  }
  return readAnswers(options.lake, options.runId)
}

/** Every answer of a run, in the order of their names. */
export async function readAnswers(lake: Lake, runId: string): Promise<Answer[]> {
  const names = await lake.list(`runs/${runId}/answers`)
  return Promise.all(
    names.map(async (name) => {
      try {
        return parseAnswer(await lake.read(name))
      } catch (cause) {
        throw new Error(`${lake.path(name)} is not an answer of this version`, { cause })
      }
    }),
  )
}

async function runPass(units: Unit[], options: CollectOptions): Promise<void> {
  const limit = pLimit(options.concurrency)
  const answered = new Set(await options.lake.list(`runs/${options.runId}/answers`))
  await Promise.all(
    units.map((unit) =>
      limit(async () => {
        if (options.signal?.aborted) return
        const name = `runs/${options.runId}/answers/${unit.unit}-${unit.pass}.json`
        if (!answered.has(name)) await answerUnit(unit, { ...options, name })
        options.onUnit(unit)
      }),
    ),
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
  const journal = await openJournal(lake.path(`${receipts}/${attempt}.jsonl`))
  const answer = await collectUnit(unit, {
    ...options,
    attempt,
    spool,
    finished,
    async onSlice(slice) {
      await journal.write({ slice, held: spool.heldOf(slice) })
      options.onSlice(slice)
    },
  })
    .catch((error: unknown) => lostAnswer(unit, { runId, attempt, error }))
    .finally(() => journal.close())
  await lake.createIfAbsent(name, JSON.stringify(answer))
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

/** Units for the slices that nothing has answered for, or that a passing fault left unfinished. */
export function planNextPass(units: Unit[], answers: Answer[], pass: number): Unit[] {
  const counted = new Map(slicesThatCount(answers).map((slice) => [sliceKey(slice), slice]))
  return units.flatMap((unit) => {
    const open = unit.slices.filter((wanted) => {
      const slice = counted.get(sliceKey({ account_id: unit.account_id, ...wanted }))
      return !slice || (slice.transient && slice.status !== 'complete')
    })
    return open.length > 0 ? [{ ...unit, pass, slices: open }] : []
  })
}
