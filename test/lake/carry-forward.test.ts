import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../lib/engine/engine.ts'
import { loadLastReads } from '../../lib/lake/carry-forward.ts'
import { compactRun } from '../../lib/lake/compact.ts'
import { runTables } from '../../lib/lake/run-tables.ts'
import { defineTable, string } from '../../lib/lake/table.ts'
import { openCaseLake, runIdOf } from '../engine/case-lake.ts'

const bucket_locks = defineTable('A table that is read bucket by bucket.', {
  bucket_arn: string('The bucket.'),
  mode: string('What was read of it.'),
})
const tables = { ...runTables, bucket_locks }
const asOf = new Date('2026-11-23T07:45:00Z')
const left = runIdOf(9)

/** Earlier runs as `[run, item, read at, mode]`: what each holds of the item, whether it read it itself or carried it. */
const held: [number, string, string, string][] = [
  [1, 'b-1', '2026-11-20', 'old'],
  [2, 'b-1', '2026-11-22', 'young'],
  [3, 'b-1', '2026-11-22', 'young, carried'],
  [2, 'b-2', '2026-10-01', 'too old'],
  [2, 'b-3', '2026-11-22', 'read again by this run'],
]

let opened: Awaited<ReturnType<typeof openCaseLake>>
let engine: Engine

beforeAll(async () => {
  opened = await openCaseLake(tables)
  engine = opened.engine
  const scope = `'111111111111' as account_id, 'eu-west-1' as region`
  for (const run of [1, 2, 3]) {
    const rows = held.filter(([number]) => number === run)
    const place = (table: string) =>
      join(opened.lake, 'inventory', table, `run_id=${runIdOf(run)}`, 'data.parquet')
    const of = (select: (row: (typeof held)[number]) => string) =>
      rows.map(select).join(' union all ')
    await engine.copyToParquet(
      of(
        ([
          ,
          item,
          at,
        ]) => `select ${scope}, timestamp '${at} 00:00:00' as observed_at, 's3' as collector,
          'bucket_locks' as table_name, '${item}' as resource_arn`,
      ),
      place('item_reads'),
    )
    await engine.copyToParquet(
      of(
        ([, item, at, mode]) => `select ${scope}, timestamp '${at} 00:00:00' as observed_at,
          '${item}' as bucket_arn, '${mode}' as mode`,
      ),
      place('bucket_locks'),
    )
  }
  const gap = (
    item: string,
    cause: string,
    account = '111111111111',
  ) => `select '${account}' as account_id,
    'eu-west-1' as region, timestamp '2026-11-23 07:46:00' as observed_at, 's3' as collector,
    'bucket_locks' as table_name, '${item}' as resource_arn, 'none' as operation, '${cause}' as cause, '' as detail`
  await engine.copyToParquet(
    [
      gap('b-1', 'budget'),
      gap('b-2', 'budget'),
      gap('b-1', 'budget', '222222222222'),
      gap('b-4', 'denied'),
    ].join(' union all '),
    join(opened.lake, 'staging/gaps.parquet'),
  )
  await engine.copyToParquet(
    `select ${scope}, timestamp '2026-11-23 07:46:00' as observed_at, 'b-3' as bucket_arn, 'now' as mode`,
    join(opened.lake, 'staging/locks.parquet'),
  )
  await compactRun(engine, {
    lake: opened.lake,
    runId: left,
    tables,
    staged: { gaps: ['staging/gaps.parquet'], bucket_locks: ['staging/locks.parquet'] },
    asOf,
    maxAgeDays: 30,
  })
})

afterAll(() => opened.close())

const of = async (table: string, columns: string) =>
  (await engine.query(`select ${columns} from ${table} where run_id = '${left}' order by all`)).rows

describe('what the budget left out of a run', () => {
  it('is taken from the run that read it last, as of that time', async () => {
    expect(await of('bucket_locks', 'bucket_arn, mode, observed_at')).toEqual([
      { bucket_arn: 'b-1', mode: 'young, carried', observed_at: new Date('2026-11-22T00:00:00Z') },
      { bucket_arn: 'b-3', mode: 'now', observed_at: new Date('2026-11-23T07:46:00Z') },
    ])
  })

  it('is no gap once it is supplied; what is too old, denied, or of another account remains one', async () => {
    expect(await of('gaps', 'account_id, resource_arn, cause')).toEqual([
      { account_id: '111111111111', resource_arn: 'b-2', cause: 'budget' },
      { account_id: '111111111111', resource_arn: 'b-4', cause: 'denied' },
      { account_id: '222222222222', resource_arn: 'b-1', cause: 'budget' },
    ])
  })

  it('says which run it was taken from, and counts as read then', async () => {
    expect(await of('carried_evidence', 'resource_arn, from_run_id')).toEqual([
      { resource_arn: 'b-1', from_run_id: runIdOf(3) },
    ])
    expect(await of('item_reads', 'resource_arn, observed_at')).toEqual([
      { resource_arn: 'b-1', observed_at: new Date('2026-11-22T00:00:00Z') },
    ])
  })

  it('is what the next run begins with', async () => {
    const options = { runId: runIdOf(10), asOf, maxAgeDays: 30 }
    const lastRead = await loadLastReads(engine, '111111111111', options)
    expect(lastRead('s3', 'b-1')).toEqual(new Date('2026-11-22T00:00:00Z'))
    expect(lastRead('s3', 'b-2')).toBeUndefined()
    expect(lastRead('ec2', 'b-1')).toBeUndefined()
    const other = await loadLastReads(engine, '222222222222', options)
    expect(other('s3', 'b-1')).toBeUndefined()
  })
})
