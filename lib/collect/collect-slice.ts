import { classifyError, KNOWN_ABSENT } from '../aws/causes.ts'
import type { Counters } from '../aws/meter.ts'
import type { Session } from '../aws/session.ts'
import type { Collector } from '../collectors/collector.ts'
import type { LastRead } from '../lake/carry-forward.ts'
import type { Lake } from '../lake/lake.ts'
import { createParquetFile, type ParquetFile } from '../lake/parquet.ts'
import { runTables } from '../lake/run-tables.ts'
import type { StoredRow, Table } from '../lake/table.ts'
import type { Gap, Slice } from './answer.ts'
import { type ObservedGap, openCell } from './open-cell.ts'

export interface SliceTask {
  runId: string
  unit: string
  attempt: string
  region: string
  partition: string
  name: string
  collector: Collector
}

export interface SliceDependencies {
  session: Session
  lake: Lake
  clock: () => Date
  /** Where the calls of a collector go that belongs to no Region. */
  homeRegion: string
  perItemCalls: number
  lastRead: LastRead
  /** Where rows are kept until the slice is finished; files of its own in the lake when undefined. */
  openSpool?: OpenSpool | undefined
}

/**
 * Runs one collector in one cell. Rows are spooled and renamed into place only when the collector has finished, so that a
 * slice counts as a whole or not at all.
 */
export async function collectSlice(
  task: SliceTask,
  dependencies: SliceDependencies,
): Promise<Slice> {
  const { session, lake, clock, homeRegion, perItemCalls, lastRead } = dependencies
  const started = clock()
  const counters: Counters = { calls: 0, retries: 0, throttles: 0 }
  const { openSpool = spoolInto(lake) } = dependencies
  const spool = openSpool(task)
  const { cell, gaps } = openCell({
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
  const judged = verdict(gaps, Object.keys(task.collector.tables))
  const settled = judged.status === 'complete' || !judged.transient
  const staged = failure === undefined ? await spool.commit({ settled }) : await spool.discard()
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
    gaps: gaps.map(withoutTransience),
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
  }
}

function withoutTransience({ transient: _, ...gap }: ObservedGap): Gap {
  return gap
}

/** What a slice put into staging. */
export interface Staged {
  rows: Record<string, number>
  objects: Record<string, string>
}

/** Keeps the rows of one slice until it is finished. */
export interface Spool {
  append(table: string, row: StoredRow): Promise<void>
  /** Settled: no further pass will ask for this slice again, so that what it read counts for good. */
  commit(options: { settled: boolean }): Promise<Staged>
  discard(): Promise<Staged>
}

export type OpenSpool = (task: SliceTask) => Spool

/** The declaration of a table that a collector fills. */
export function declaredTable(task: SliceTask, table: string): Table {
  const declared = table === 'item_reads' ? runTables.item_reads : task.collector.tables[table]
  if (!declared) throw new Error(`collector ${task.name} declares no table ${table}`)
  return declared
}

function spoolInto(lake: Lake): OpenSpool {
  return (task) => openFiles(task, lake)
}

/** One Parquet file for each table that gets a row; none for a table without rows. */
function openFiles(task: SliceTask, lake: Lake): Spool {
  const files = new Map<string, Promise<ParquetFile>>()
  const rows: Record<string, number> = {}
  const objects: Record<string, string> = {}

  function fileOf(table: string): Promise<ParquetFile> {
    const open = files.get(table)
    if (open !== undefined) return open
    const declared = declaredTable(task, table)
    const name = `${task.unit}-${task.attempt}-${task.region}-${task.name}.parquet`
    objects[table] = `staging/${task.runId}/${table}/${name}`
    const created = createParquetFile(declared, lake.path(objects[table]))
    files.set(table, created)
    return created
  }

  return {
    async append(table, row) {
      const file = await fileOf(table)
      rows[table] = (rows[table] ?? 0) + 1
      await file.append(row)
    },
    async commit() {
      for (const file of files.values()) await (await file).commit()
      return { rows, objects }
    },
    async discard() {
      for (const file of files.values()) await (await file).discard()
      return { rows: {}, objects: {} }
    },
  }
}
