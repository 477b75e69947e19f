import { createReadStream } from 'node:fs'
import { appendFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Lake } from '../lake/lake.ts'
import { createParquetFile, type ParquetFile } from '../lake/parquet.ts'
import type { StoredRow, Table } from '../lake/table.ts'
import type { Slice } from './answer.ts'
import { declaredTable, type SliceTask, type Spool } from './collect-slice.ts'

/** Rows of one slice and table that are held in memory before they go to disk, while it runs and once it is finished. */
const HELD_ROWS = 1_000
const HELD_WHEN_FINISHED = 100

/** The rows of one attempt at a unit, kept on the worker's disk until the unit is finished. */
export interface AttemptSpool {
  openSpool(task: SliceTask): Spool
  /** Puts the rows of the slices that the attempt answers for into the lake. What comes later counts for nothing. */
  upload(lake: Lake, slices: Slice[]): Promise<void>
  /** Which resources the uploaded slices read by calls of their own. */
  itemReads: StoredRow[]
}

interface FinishedSlice {
  task: SliceTask
  held: Map<string, HeldRows>
}

/**
 * One object for each table of an attempt, instead of one for each slice: a request for each slice and table would cost more than all
 * else. A slice that another pass will ask for again has objects of its own, since its rows stop counting once that pass has read it.
 */
export function openAttemptSpool(folder: string): AttemptSpool {
  const finished = new Map<string, FinishedSlice>()
  const itemReads: StoredRow[] = []
  let opened = 0

  return {
    itemReads,
    openSpool(task) {
      const number = opened++
      const held = new Map<string, HeldRows>()
      const counts: Record<string, number> = {}
      return {
        async append(table, row) {
          const rows =
            held.get(table) ??
            holdRows(declaredTable(task, table), join(folder, `${number}-${table}.jsonl`))
          held.set(table, rows)
          counts[table] = (counts[table] ?? 0) + 1
          await rows.add(row)
        },
        async commit({ settled }) {
          for (const rows of held.values()) await rows.rest()
          finished.set(keyOf(task.region, task.name), { task, held })
          const objects = [...held.keys()].map((table) => [table, objectName(task, table, settled)])
          return { rows: counts, objects: Object.fromEntries(objects) }
        },
        async discard() {
          for (const rows of held.values()) await rows.remove()
          return { rows: {}, objects: {} }
        },
      }
    },
    async upload(lake, slices) {
      const files = new Map<string, ParquetFile>()
      for (const { object, table, declared, rows } of slices.flatMap(partsOf)) {
        const file = files.get(object) ?? (await createParquetFile(declared, join(folder, object)))
        files.set(object, file)
        for await (const row of rows.all()) {
          await file.append(row)
          if (table === 'item_reads') itemReads.push(row)
        }
        await rows.remove()
      }
      for (const [object, file] of files) {
        await file.commit()
        await lake.upload(object, file.path)
      }
    },
  }

  /** What a slice says that it staged. A slice that finished after its time was up says nothing. */
  function partsOf({ region, collector, objects }: Slice) {
    const slice = finished.get(keyOf(region, collector))
    return Object.entries(objects).map(([table, object]) => {
      const rows = slice?.held.get(table)
      if (!slice || !rows) throw new Error(`${object} was not spooled by this attempt`)
      return { object, table, declared: declaredTable(slice.task, table), rows }
    })
  }
}

function keyOf(region: string, collector: string): string {
  return `${region}/${collector}`
}

function objectName(task: SliceTask, table: string, settled: boolean): string {
  const own = settled ? '' : `-${task.region}-${task.name}`
  return `staging/${task.runId}/${table}/${task.unit}-${task.attempt}${own}.parquet`
}

interface HeldRows {
  add(row: StoredRow): Promise<void>
  /** No row will follow: what is many goes to disk. */
  rest(): Promise<void>
  all(): AsyncGenerator<StoredRow>
  remove(): Promise<void>
}

/** Holds rows in memory, and in a file once they are many. */
function holdRows(table: Table, path: string): HeldRows {
  let held: StoredRow[] = []
  let tail: Promise<void> | undefined
  const timestamps = Object.keys(table.columns).filter(
    (name) => table.columns[name]?.type === 'timestamp',
  )

  async function spill(): Promise<void> {
    const lines = held.map((row) => `${JSON.stringify(row)}\n`).join('')
    held = []
    tail = (tail ?? Promise.resolve()).then(() => appendFile(path, lines))
    await tail
  }

  function parse(line: string): StoredRow {
    const row: StoredRow = JSON.parse(line)
    for (const name of timestamps) {
      if (typeof row[name] === 'string') row[name] = new Date(row[name])
    }
    return row
  }

  return {
    async add(row) {
      held.push(row)
      if (held.length >= HELD_ROWS) await spill()
    },
    async rest() {
      if (held.length > HELD_WHEN_FINISHED) await spill()
    },
    async *all() {
      if (tail) {
        await tail
        for await (const line of createInterface({ input: createReadStream(path) })) {
          yield parse(line)
        }
      }
      yield* held
    },
    async remove() {
      held = []
      if (tail) await tail.then(() => rm(path, { force: true }))
    },
  }
}
