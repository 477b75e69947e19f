import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../lib/config/load.ts'
import { limitsFor, openDuckdb } from '../../lib/engine/duckdb.ts'
import type { Engine } from '../../lib/engine/engine.ts'
import { filesMatching } from '../../lib/engine/files-matching.ts'
import { HeldTables } from '../../lib/engine/held-tables.ts'
import { inventoryPath } from '../../lib/lake/compact.ts'
import { configHash } from '../../lib/run.ts'
import { openCaseLake, runIdOf } from './case-lake.ts'

const RUN = runIdOf(1)
let lake: string
let engine: Engine
let close: () => void

beforeEach(async () => {
  ;({ lake, engine, close } = await openCaseLake())
})
afterEach(() => close())

const path = (table: string) => inventoryPath(lake, table, RUN)
const write = (arn: string) =>
  engine.copyToParquet(`select '1' as account_id, '${arn}' as arn`, path('kms_keys'))
const ask = async (columns = 'arn') =>
  (await engine.query(`select ${columns} from ${engine.dialect.runTable('kms_keys', RUN)}`)).rows
const isTable = async () =>
  (await engine.query(`select table_name from duckdb_tables() where schema_name = 'lake'`)).rows

describe('a small table of one run that many statements name', () => {
  it('is held in memory, answers the same, and is read again when its file is another', async () => {
    await write('a')
    const before = await ask('*')
    expect(await isTable()).toEqual([])
    for (let times = 0; times < 6; times++) expect(await ask('*')).toEqual(before)
    expect(await isTable()).toHaveLength(1)
    await write('b')
    expect(await ask()).toEqual([{ arn: 'b' }])
    expect(await isTable()).toEqual([])
    for (let times = 0; times < 6; times++) expect(await ask()).toEqual([{ arn: 'b' }])
    rmSync(path('kms_keys'))
    expect(await ask()).toEqual([])
  })

  it('that becomes unreadable is named, held or not', async () => {
    await write('a')
    for (let times = 0; times < 6; times++) await ask()
    truncateSync(path('kms_keys'), 40)
    await expect(ask()).rejects.toThrow(path('kms_keys'))
    await write('b')
    expect(await ask()).toEqual([{ arn: 'b' }])
  })

  it('is not held beyond the bytes that all may take', () => {
    const held = new HeldTables()
    const often = (name: string, bytes: number) =>
      Array.from({ length: 8 }, () => held.worthHolding(name, bytes)).includes(true)
    expect(often('small', 1_000_000)).toBe(true)
    held.hold('small', 1_000_000)
    expect(often('large', 2_000_000)).toBe(false)
    expect(often('other', 1_000_000)).toBe(true)
    held.release('small')
    expect(often('large', 2_000_000)).toBe(true)
    held.giveUp('large')
    expect(often('large', 1)).toBe(false)
  })
})

it('finds the tables that a statement names beside comments, quotes and literals', async () => {
  await write('a')
  const { rows } = await engine.query(`-- What's in it
select '--' as dashes, 'it''s' as "a -- name", arn /* 'not */ from kms_keys -- 'nor this`)
  expect(rows).toEqual([{ dashes: '--', 'a -- name': "it's", arn: 'a' }])
})

describe('files that fit a pattern', () => {
  it('are sorted, not hidden, and none where there is no such folder', () => {
    const folder = mkdtempSync(join(lake, 'files-'))
    for (const name of ['t/run_id=b', 't/run_id=a', 't/.run_id=c', 't/other']) {
      mkdirSync(join(folder, name), { recursive: true })
      for (const file of ['2.parquet', '1.parquet', '1.parquet.tmp', '.3.parquet', 'parquet']) {
        writeFileSync(join(folder, name, file), '')
      }
    }
    writeFileSync(join(folder, 't', 'run_id=d'), 'no folder')
    const found = filesMatching(folder, 't/run_id=*/*.parquet')
    expect(found).toEqual(
      ['a/1', 'a/2', 'b/1', 'b/2'].map((name) => join(folder, `t/run_id=${name}.parquet`)),
    )
    expect(filesMatching(folder, 'u/run_id=*/*.parquet')).toEqual([])
  })
})

describe('limits of DuckDB', () => {
  it('are those of the configuration, and make no other run', async () => {
    const config = await loadConfig(undefined, {
      duckdb: { memory_limit: '512MiB', temp_directory: join(lake, 'spill'), threads: 3 },
    })
    const limited = await openDuckdb({ lake, tables: {}, limits: config.duckdb })
    const { rows } = await limited.query(
      `select current_setting('memory_limit') as memory, current_setting('temp_directory') as folder,
        current_setting('threads') as threads`,
    )
    limited.close()
    expect(rows).toEqual([{ memory: '512.0 MiB', folder: join(lake, 'spill'), threads: 3 }])
    expect(configHash(config)).toBe(configHash(await loadConfig(undefined, {})))
  })

  it('are one thread for a small run, unless the configuration says otherwise', () => {
    expect(limitsFor(100, {}).threads).toBe(1)
    expect(limitsFor(100, { threads: 2 }).threads).toBe(2)
    expect(limitsFor(1_000_000, {}).threads).toBeUndefined()
  })

  it('are refused where they are no amount', async () => {
    await expect(loadConfig(undefined, { duckdb: { memory_limit: 'much' } })).rejects.toThrow(
      /amount of memory/,
    )
  })
})
