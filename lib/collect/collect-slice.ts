import { type Classified, classifyError, isUnknownToken, KNOWN_ABSENT } from '../aws/causes.ts'
import type { Counters } from '../aws/meter.ts'
import type { Session } from '../aws/session.ts'
import type { LastRead } from '../lake/carry-forward.ts'
import { keeping } from '../lake/lake-failure.ts'
import type { Gap, Slice } from './answer.ts'
import { type ObservedGap, openCell } from './open-cell.ts'
import { isSettled, type SpooledSlice, type UnitSpool } from './unit-spool.ts'

export interface SliceTask extends SpooledSlice {
  partition: string
}

export interface SliceDependencies {
  session: Session
  clock: () => Date
  /** Where the calls of a collector go that belongs to no Region. */
  homeRegion: string
  perItemCalls: number
  lastRead: LastRead
  /** Why a Region does not know the session's credentials; undefined: nobody can tell. */
  refused: (region: string) => Promise<Classified | undefined>
  /** Where rows are kept until the slice is finished. */
  spool: UnitSpool
}

/**
 * Runs one collector in one cell. Rows are spooled and count only when the collector has finished, so that a slice
 * counts as a whole or not at all.
 * @throws LakeFailure where its rows cannot be kept
 */
export async function collectSlice(
  task: SliceTask,
  dependencies: SliceDependencies,
): Promise<Slice> {
  const { session, clock, homeRegion, perItemCalls, lastRead, refused } = dependencies
  const started = clock()
  const counters: Counters = { calls: 0, retries: 0, throttles: 0 }
  const spool = dependencies.spool.openSpool(task)
  const { cell, gaps, unkept } = openCell({
    session,
    region: task.region,
    partition: task.partition,
    collector: task.name,
    counters,
    clock,
    append: spool.append,
    tables: task.collector.tables,
    homeRegion,
    perItemCalls,
    lastRead: (arn) => lastRead(task.name, arn),
  })
  let failure: unknown
  try {
    await task.collector.collect(cell)
  } catch (error) {
    failure = error
    gaps.push(wholeGap(session.accountId, task, error))
  }
  const lost = unkept()
  if (lost) {
    await spool.discard()
    throw lost
  }
  await explainRefusals(gaps, refused)
  const judged = verdict(gaps, Object.keys(task.collector.tables))
  const settled = isSettled({ ...judged, gaps })
  const staged = await keeping(() =>
    failure === undefined ? spool.commit({ settled }) : spool.discard(),
  )
  return {
    account_id: session.accountId,
    region: task.region,
    collector: task.name,
    ...judged,
    attempt: task.attempt,
    started_at: started.toISOString(),
    finished_at: clock().toISOString(),
    ...counters,
    ...staged,
    gaps: gaps.map(asGap),
  }
}

/** Says of the gaps that come from refused credentials what is behind them. */
async function explainRefusals(
  gaps: ObservedGap[],
  refused: SliceDependencies['refused'],
): Promise<void> {
  for (const gap of gaps.filter(({ unknown_token }) => unknown_token)) {
    Object.assign(gap, await refused(gap.region))
  }
}

type Verdict = Pick<Slice, 'status' | 'cause' | 'detail' | 'transient'>

/** What a slice's gaps make of it: knowledge that there is nothing, nothing read, or something missing. */
function verdict(gaps: ObservedGap[], tables: string[]): Verdict {
  const first = gaps.find((gap) => !KNOWN_ABSENT.has(gap.cause)) ?? gaps[0]
  if (!first) return { status: 'complete', cause: null, detail: null, transient: false }
  const transient = gaps.some((gap) => gap.transient)
  const { cause, detail } = first
  if (gaps.every((gap) => KNOWN_ABSENT.has(gap.cause))) {
    return { status: 'not_applicable', cause, detail, transient }
  }
  const unread = tables.every((table) =>
    gaps.some((gap) => !gap.resource_arn && (gap.table_name === table || gap.table_name === '*')),
  )
  return { status: unread ? 'unread' : 'partial', cause, detail, transient }
}

function wholeGap(accountId: string, task: SliceTask, error: unknown): ObservedGap {
  return {
    account_id: accountId,
    region: task.region,
    collector: task.name,
    table_name: '*',
    resource_arn: null,
    operation: 'collect',
    ...classifyError(error),
    unknown_token: isUnknownToken(error),
  }
}

function asGap({ transient: _, unknown_token: __, ...gap }: ObservedGap): Gap {
  return gap
}
