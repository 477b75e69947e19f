import type { Collector } from '../collectors/collector.ts'
import type { ParquetFile } from '../lake/parquet.ts'
import { runTables } from '../lake/run-tables.ts'
import type { StoredRow, Table } from '../lake/table.ts'
import { isUnread, type Slice } from './answer.ts'

/**
 * Rows of one slice and table that wait in memory for the unit's end, to share an object with those of the other slices. The slices of
 * a unit are some hundred, and most have few rows or none.
 */
const HELD_ROWS = 100

/** Keeps the rows of one slice until it is finished. */
export interface Spool {
  append(table: string, row: StoredRow): Promise<void>
  /** Settled: no further pass will ask for this slice again, so that what it read counts for good. */
  commit(options: { settled: boolean }): Promise<Staged>
  discard(): Promise<Staged>
}

/** What a slice puts into staging. */
export interface Staged {
  rows: Record<string, number>
  /** Names in the lake by table; those that slices share are there once the unit is finished. */
  objects: Record<string, string>
}

/** Whose rows are kept, and under which names. */
export interface SpooledSlice {
  runId: string
  unit: string
  attempt: string
  region: string
  /** The collector's name. */
  name: string
  collector: Collector
}

/** By table, the rows of a slice that are not in the lake yet. */
export type HeldRows = Record<string, StoredRow[]>

/** The rows of one attempt at a unit. */
export interface UnitSpool {
  openSpool(task: SpooledSlice): Spool
  /** What of a finished slice would be lost with the process. */
  heldOf(slice: Slice): HeldRows
  /** Takes over a slice that an interrupted attempt had finished, with the rows that it held; answers it under this attempt's names. */
  adopt(slice: Slice, task: SpooledSlice, held: HeldRows): Slice
  /** Puts the rows of the slices that the attempt answers for into the lake. What comes later counts for nothing. */
  finish(slices: Slice[]): Promise<void>
  /** Which resources those slices read by calls of their own. */
  itemReads: StoredRow[]
}

/** Begins an object of the lake; committing it puts it there whole. */
export type CreateObject = (object: string, table: Table) => Promise<ParquetFile>

interface FinishedSlice {
  task: SpooledSlice
  held: HeldRows
  itemReads: StoredRow[]
}

/**
 * Rows of a table that are many go to an object of their slice's own as they come; few wait, and share one object a table with those of
 * the unit's other slices: an object for each slice and table would cost more than all else, to write and to read again. A slice
 * that another pass will ask for again shares none, since its rows stop counting once that pass has read it.
 */
export function openUnitSpool(create: CreateObject): UnitSpool {
  const finished = new Map<string, FinishedSlice>()
  const itemReads: StoredRow[] = []

  return {
    itemReads,
    openSpool: (task) =>
      openSpool(task, {
        create,
        finish: (slice) => finished.set(keyOf(task.region, task.name), slice),
      }),
    heldOf: (slice) => finished.get(keyOf(slice.region, slice.collector))?.held ?? {},
    adopt(slice, task, parsed) {
      const held = Object.fromEntries(
        Object.entries(parsed).map(([table, rows]) => [
          table,
          rows.map((row) => withDates(row, declaredTable(task, table))),
        ]),
      )
      const settled = isSettled(slice)
      const names = Object.keys(held).map((table) => [table, objectName(task, table, settled)])
      finished.set(keyOf(slice.region, slice.collector), {
        task,
        held,
        itemReads: held.item_reads ?? [],
      })
      return { ...slice, objects: { ...slice.objects, ...Object.fromEntries(names) } }
    },
    async finish(slices) {
      const files = new Map<string, ParquetFile>()
      try {
        for (const { object, table, rows } of slices.flatMap(waitingOf)) {
          const file = files.get(object) ?? (await create(object, table))
          files.set(object, file)
          for (const row of rows) await file.append(row)
        }
        for (const file of files.values()) await file.commit()
      } catch (error) {
        for (const file of files.values()) await file.discard()
        throw error
      }
      itemReads.push(...slices.flatMap(itemReadsOf))
    },
  }

  /** The held rows that a slice answers for: one that finished after its time was up names no object. */
  function waitingOf({ region, collector, objects }: Slice) {
    const of = finished.get(keyOf(region, collector))
    return Object.entries(objects).flatMap(([table, object]) => {
      const rows = of?.held[table]
      return of && rows ? [{ object, table: declaredTable(of.task, table), rows }] : []
    })
  }

  function itemReadsOf({ region, collector, objects }: Slice): StoredRow[] {
    return objects.item_reads ? (finished.get(keyOf(region, collector))?.itemReads ?? []) : []
  }
}

/** Whether no further pass will ask for a slice, be it one of a run that is resumed after its end. */
export function isSettled(slice: Pick<Slice, 'status' | 'transient' | 'gaps'>): boolean {
  if (slice.status === 'complete') return true
  return !slice.transient && !isUnread(slice)
}

interface SpoolOptions {
  create: CreateObject
  finish(slice: FinishedSlice): void
}

function openSpool(task: SpooledSlice, { create, finish }: SpoolOptions): Spool {
  const held: HeldRows = {}
  const files = new Map<string, Promise<ParquetFile>>()
  const counts: Record<string, number> = {}
  const itemReads: StoredRow[] = []

  /** What was held goes first into a file of the slice's own. */
  async function openFile(table: string): Promise<ParquetFile> {
    const waiting = held[table] ?? []
    delete held[table]
    const file = await create(objectName(task, table, false), declaredTable(task, table))
    for (const row of waiting) await file.append(row)
    return file
  }

  return {
    async append(table, row) {
      counts[table] = (counts[table] ?? 0) + 1
      if (table === 'item_reads') itemReads.push(row)
      if (files.has(table)) return (await files.get(table))?.append(row)
      const rows = held[table] ?? []
      held[table] = rows
      rows.push(row)
      if (rows.length <= HELD_ROWS) return
      const opened = openFile(table)
      files.set(table, opened)
      await opened
    },
    async commit({ settled }) {
      for (const file of files.values()) await (await file).commit()
      finish({ task, held, itemReads })
      const objects = Object.keys(counts).map((table) => [
        table,
        objectName(task, table, settled && !files.has(table)),
      ])
      return { rows: counts, objects: Object.fromEntries(objects) }
    },
    async discard() {
      for (const opening of files.values()) {
        // One that could not be begun has left nothing.
        const file = await opening.catch(() => undefined)
        await file?.discard()
      }
      return { rows: {}, objects: {} }
    },
  }
}

/** The declaration of a table that a collector fills. */
function declaredTable({ name, collector }: SpooledSlice, table: string): Table {
  const declared = table === 'item_reads' ? runTables.item_reads : collector.tables[table]
  if (!declared) throw new Error(`collector ${name} declares no table ${table}`)
  return declared
}

function objectName(task: SpooledSlice, table: string, shared: boolean): string {
  const own = shared ? '' : `-${task.region}-${task.name}`
  return `staging/${task.runId}/${table}/${task.unit}-${task.attempt}${own}.parquet`
}

function keyOf(region: string, collector: string): string {
  return `${region}/${collector}`
}

/** A row that was JSON in the meantime. */
function withDates(row: StoredRow, { columns }: Table): StoredRow {
  const dated = { ...row }
  for (const [name, { type }] of Object.entries(columns)) {
    const value = row[name]
    if (type === 'timestamp' && typeof value === 'string') dated[name] = new Date(value)
  }
  return dated
}
