import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Gap, Slice } from '../../lib/collect/answer.ts'
import type { Collector } from '../../lib/collectors/collector.ts'
import type { ParquetFile } from '../../lib/lake/parquet.ts'
import type { StoredRow, Table } from '../../lib/lake/table.ts'
import type { AnsweredCall } from '../../simulator/server.ts'
import { type CollectedCell, type HeldCell, openCollectedCell } from '../support/collector-cell.ts'
import { CHANGES } from './changes.ts'
import { fieldOf, wireOf } from './wire.ts'

/** One value of the answers of an operation, and what is done to it. */
export interface Mutant {
  collector: string
  /** The case of `test/collectors` that holds what is answered. */
  case: string
  operation: string
  /** Where the value stands: names of members and numbers of items, joined by dots. */
  path: string
  /** A name of {@link CHANGES}. */
  change: string
}

export interface Read {
  status: Slice['status']
  gaps: Gap[]
  rows: Record<string, StoredRow[]>
}

interface Case extends HeldCell {
  name: string
  status: string
}

/** The cases of a collector in which all is read. */
export function wholeCases(collector: string): Case[] {
  const text = readFileSync(new URL(`../collectors/${collector}.yaml`, import.meta.url), 'utf8')
  const cases: Case[] = parse(text, { customTags: ['timestamp'] })
  return cases.filter(({ status, faults, deny, scp }) => {
    return status === 'complete' && !faults && !deny && !scp
  })
}

/** The collectors that have cases, by name. */
export function collectorNames(): string[] {
  return readdirSync(new URL('../collectors/', import.meta.url))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.replace('.yaml', ''))
}

/** A cell whose answers are changed on their way to the collector. */
export interface AlteredCell {
  /** What is read when nothing is changed, and where there is something to change, by operation. */
  whole: Read
  fields: { operation: string; path: string }[]
  /** What is read with the mutant in force, and how many answers it changed. */
  read(mutant: Mutant): Promise<Read & { changed: number }>
  close(): Promise<void>
}

export async function openAlteredCell(
  held: HeldCell,
  name: string,
  collector: Collector,
): Promise<AlteredCell> {
  const seen = new Map<string, { operation: string; path: string }>()
  let rows: Record<string, StoredRow[]> = {}
  let mutant: Mutant | undefined
  let changed = 0
  const cell: CollectedCell = await openCollectedCell(held, {
    name,
    collector,
    maxAttempts: 1,
    create: async (_, table) => rowsInMemory(table, collector, () => rows),
    alter: (reply, { operation }: AnsweredCall) => {
      const wire = operation === 'sts:AssumeRole' ? undefined : wireOf(reply)
      if (!wire) return reply
      if (!mutant) {
        for (const path of wire.paths(reply.body)) note(operation, path)
        return reply
      }
      const change = mutant.operation === operation ? CHANGES[mutant.change] : undefined
      const body = change && wire.alter(reply.body, mutant.path.split('.'), change)
      if (body === undefined) return reply
      changed++
      return { ...reply, body }
    },
  })
  function note(operation: string, path: string[]): void {
    const field = `${operation} ${fieldOf(path)}`
    if (!seen.has(field)) seen.set(field, { operation, path: path.join('.') })
  }
  const collect = async () => {
    rows = {}
    changed = 0
    const { status, gaps } = await cell.collect('attempt')
    return { status, gaps, rows, changed }
  }
  const whole = await collect()
  return {
    whole,
    fields: [...seen.values()],
    async read(one) {
      mutant = one
      return collect()
    },
    close: () => cell.close(),
  }
}

/** Stands in for a file of the lake. @throws Error where a row is not one of its table */
function rowsInMemory(
  table: Table,
  { tables }: Collector,
  into: () => Record<string, StoredRow[]>,
): ParquetFile {
  const name = Object.keys(tables).find((one) => tables[one] === table) ?? 'item_reads'
  return {
    async append(row) {
      for (const [column, { type }] of Object.entries(table.columns)) {
        if (!fits(row[column], type)) throw new Error(`${name}.${column} is ${typeof row[column]}`)
      }
      const strange = Object.keys(row).filter((column) => !Object.hasOwn(table.columns, column))
      if (strange.length > 0) throw new Error(`${name} has no column ${strange}`)
      const rows = into()
      rows[name] = [...(rows[name] ?? []), row]
    },
    commit: async () => {},
    discard: async () => {},
  } as ParquetFile
}

const WHOLE = { int: 2 ** 31, bigint: 2 ** 63 }

function fits(value: StoredRow[string], type: string): boolean {
  if (value === null || value === undefined) return true
  if (type === 'timestamp') return value instanceof Date && !Number.isNaN(value.getTime())
  if (type === 'string' || type === 'boolean') return typeof value === type
  if (typeof value !== 'number' || Number.isNaN(value)) return false
  if (type === 'double') return true
  return Math.abs(value) < WHOLE[type as keyof typeof WHOLE]
}
