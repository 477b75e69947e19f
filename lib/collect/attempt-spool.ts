import { createReadStream } from 'node:fs'
import { appendFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Lake } from '../lake/lake.ts'
import { createParquetFile, type ParquetFile } from '../lake/parquet.ts'
import type { StoredRow, Table } from '../lake/table.ts'
import { declaredTable, type SliceTask, type Spool, type Staged } from './collect-slice.ts'

/** Rows of one slice and table that are held in memory before they go to disk. */
const HELD_ROWS = 1_000

/** The rows of one attempt at a unit, kept on the worker's disk until the unit is finished. */
export interface AttemptSpool {
  openSpool(task: SliceTask): Spool
  /** Puts the attempt's objects into the lake. What comes later counts for nothing. */
  upload(lake: Lake): Promise<void>
}

/**
 * One object for each table of an attempt, instead of one for each slice: a request for each slice and table would cost more than all
 * else. A slice that another pass will ask for again has objects of its own, since its rows stop counting once that pass has read it.
 */
export function openAttemptSpool(folder: string): AttemptSpool {
  const files = new Map<string, Promise<ParquetFile>>()
  let closed = false
  let slices = 0

  async function copyRows(object: string, table: Table, rows: HeldRows): Promise<void> {
    const open = files.get(object) ?? createParquetFile(table, join(folder, object))
    files.set(object, open)
    const file = await open
    for await (const row of rows.all()) await file.append(row)
  }

  return {
    openSpool(task) {
      const number = slices++
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
          const objects: Staged['objects'] = {}
          for (const [table, rows] of closed ? [] : held) {
            const object = objectName(task, table, settled)
            objects[table] = object
            await copyRows(object, declaredTable(task, table), rows)
            await rows.remove()
          }
          return { rows: counts, objects }
        },
        async discard() {
          for (const rows of held.values()) await rows.remove()
          return { rows: {}, objects: {} }
        },
      }
    },
    async upload(lake) {
      closed = true
      for (const [object, open] of files) {
        const file = await open
        await file.commit()
        await lake.upload(object, file.path)
      }
    },
  }
}

function objectName(task: SliceTask, table: string, settled: boolean): string {
  const own = settled ? '' : `-${task.region}-${task.name}`
  return `staging/${task.runId}/${table}/${task.unit}-${task.attempt}${own}.parquet`
}

interface HeldRows {
  add(row: StoredRow): Promise<void>
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
