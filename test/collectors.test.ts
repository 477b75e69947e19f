import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Slice } from '../lib/collect/answer.ts'
import type { Collector } from '../lib/collectors/collector.ts'
import { loadCollectors } from '../lib/collectors/load.ts'
import { openDuckdb } from '../lib/engine/duckdb.ts'
import { type Engine, literal } from '../lib/engine/engine.ts'
import { openLake } from '../lib/lake/lake.ts'
import { createParquetFile } from '../lib/lake/parquet.ts'
import type { Table } from '../lib/lake/table.ts'
import {
  type HeldCell,
  MANAGEMENT,
  MEMBER,
  openCollectedCell,
  REGION,
} from './support/collector-cell.ts'
import { NOW, temporaryFolder } from './support/simulated.ts'

// Each case of test/collectors/<collector>.yaml is one cell of one member account: what AWS holds there, and what must be read.

interface Case extends HeldCell {
  name: string
  status: Slice['status']
  /** Every row of each table, some columns each; a table that is not named is empty. */
  rows?: Record<string, Record<string, unknown>[]>
  gaps?: { table_name: string; resource_arn: string | null; cause: string }[]
}

const folder = new URL('collectors/', import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
let collectors: Map<string, Collector>
let lake: string
let engine: Engine

beforeAll(async () => {
  collectors = await loadCollectors()
  lake = await temporaryFolder()
  engine = await openDuckdb({ lake, tables: {} })
})
afterAll(() => engine.close())

describe.each(files.map((file) => file.replace('.yaml', '')))('the collector %s', (name) => {
  const text = readFileSync(new URL(`${name}.yaml`, folder), 'utf8')
  const cases: Case[] = parse(text, { customTags: ['timestamp'] })

  test.each(cases)('$name', async (given) => {
    const slice = await collect(name, given)
    expect.soft(slice.gaps.map(projectedGap).sort()).toEqual((given.gaps ?? []).map(line).sort())
    expect.soft(slice.status).toBe(given.status)
    const expected = given.rows ?? {}
    expect.soft(Object.keys(slice.objects).sort()).toEqual(Object.keys(expected).sort())
    for (const [table, rows] of Object.entries(expected)) {
      expect.soft(slice.rows[table], table).toBe(rows.length)
      const found = await rowsOf(slice.objects[table])
      const scope = collectors.get(name)?.scope
      const account = scope === 'organization' ? MANAGEMENT : MEMBER
      const own = scope === 'cell' ? REGION : 'global'
      const regions = [REGION, own, ...Object.keys(given.elsewhere ?? {})]
      expect.soft(found.filter((row) => !isOfTheCell(row, account, regions))).toEqual([])
      const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
      const seen = found.map((row) => project(row, columns))
      expect.soft(seen.sort(), table).toEqual(rows.map((row) => project(row, columns)).sort())
    }
  })
})

async function collect(name: string, given: Case): Promise<Slice> {
  const collector = collectors.get(name)
  if (!collector) throw new Error(`test/collectors/${name}.yaml: there is no such collector`)
  const { path } = openLake(lake)
  const create = (object: string, table: Table) => createParquetFile(table, path(object))
  const cell = await openCollectedCell(given, { name, collector, create })
  try {
    return await cell.collect(given.name.replaceAll(/\W/g, '-'))
  } finally {
    await cell.close()
  }
}

async function rowsOf(object: string | undefined): Promise<Record<string, unknown>[]> {
  if (object === undefined) return []
  const path = literal(join(lake, object))
  return (await engine.query(`select * from read_parquet(${path})`)).rows
}

function isOfTheCell(row: Record<string, unknown>, account: string, regions: string[]): boolean {
  const here = row.account_id === account && regions.includes(String(row.region))
  return here && plain(row.observed_at) === plain(NOW)
}

/** One line per row: what is compared is a set. A column that is absent is null. */
function project(row: Record<string, unknown>, columns: string[]): string {
  return JSON.stringify(Object.fromEntries(columns.map((column) => [column, plain(row[column])])))
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint') return Number(value)
  return value ?? null
}

function projectedGap({ table_name, resource_arn, cause }: Slice['gaps'][number]): string {
  return line({ table_name, resource_arn, cause })
}

function line({ table_name, resource_arn, cause }: Record<string, string | null>): string {
  return `${table_name} | ${resource_arn} | ${cause}`
}
