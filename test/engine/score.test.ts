import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadControls } from '../../lib/engine/controls.ts'
import { scoreRun } from '../../lib/engine/score.ts'
import { compactRun, computeCoverage } from '../../lib/lake/compact.ts'
import { loadSources } from '../../lib/sources.ts'
import { allTables, fillLake, openCaseLake, runIdOf } from './case-lake.ts'

let opened: Awaited<ReturnType<typeof openCaseLake>>
const controls = loadControls().filter(({ id }) => /^(ebs-snapshots|ebs-volumes)/.test(id))
const snapshot = (arn: string, encrypted: boolean | null, account_id = '111111111111') => ({
  account_id,
  arn,
  encrypted,
})

beforeAll(async () => {
  opened = await openCaseLake()
  const waiver = { waiver_id: 'w', control_id: '*', waived_account_id: '*', waived_ou_id: '*' }
  const given = {
    ebs_snapshots: [
      snapshot('a', true),
      snapshot('b', false),
      snapshot('c', null),
      snapshot('d_', false),
    ],
    ebs_public_snapshots: [],
    waivers: [
      { ...waiver, resource_pattern: 'd\\_', owner: 'ann', reason: 'old' },
      {
        ...waiver,
        resource_pattern: 'b',
        owner: 'bob',
        reason: 'x',
        expires_at: '2026-11-22T00:00:00Z',
      },
    ],
    account_ous: [{ ou_id: 'ou-1' }],
    coverage: [{ account_id: '222222222222', collector: 'ec2', status: 'unread', cause: 'denied' }],
  }
  const twice = { ebs_snapshots: [snapshot('a', true), snapshot('a', true)] }
  const runs = [
    { runId: runIdOf(1), given },
    { runId: runIdOf(2), given: twice },
  ]
  await fillLake(opened.engine, opened.lake, runs)
})
afterAll(() => opened.close())

function score(n: number, attempt: string) {
  const { engine, lake } = opened
  return scoreRun(engine, { lake, runId: runIdOf(n), controls, tables: allTables, attempt })
}

it('writes findings and scores, again without doubling them', async () => {
  const first = await score(1, 'a1')
  expect(await score(1, 'a2')).toEqual(first)
  const { rows } = await opened.engine.query(
    `select status, reason from findings where control_id = 'ebs-snapshots-are-encrypted' order by resource_arn`,
  )
  expect(rows.map((row) => row.status)).toEqual(['unknown', 'pass', 'fail', 'unknown', 'waived'])
  expect(rows[4]?.reason).toMatch(/\(waived by ann: old\)$/)
  const lines = readFileSync(join(opened.lake, 'runs', runIdOf(1), 'queries.jsonl'), 'utf8')
  expect(lines.trim().split('\n')).toHaveLength(controls.length + 1)
})

it('scores each group between low and high', async () => {
  const { rows } = await opened.engine.query('select * from scores order by group_type, group_id')
  // Two cells, each read by every collector.
  const slices = 2 * (await loadSources()).all.size
  const organization = rows.find((row) => row.group_type === 'organization')
  expect(organization).toMatchObject({
    slices_expected: slices,
    slices_complete: slices - 1,
    waived: 1,
  })

  expect(rows.find((row) => row.group_id === 'ebs-snapshots-are-encrypted')).toMatchObject({
    value: 0.5,
    low: (1 / 3 + 0) / 2,
    high: (2 / 3 + 1) / 2,
  })
  for (const { value, low, high } of rows.filter((row) => row.value !== null)) {
    expect(Number(value)).toBeGreaterThanOrEqual(Number(low) - 1e-9)
    expect(Number(value)).toBeLessThanOrEqual(Number(high) + 1e-9)
  }
})

it('refuses two findings with one id', async () => {
  await expect(score(2, 'a1')).rejects.toThrow(
    /control ebs-snapshots-are-encrypted judges a 2 times/,
  )
})

it('compacts staged objects, seeds empty tables, and computes coverage', async () => {
  const { engine, lake } = opened
  const staged = `staging/${runIdOf(3)}/accounts/u-1.parquet`
  const one = (table: string, columns: string) =>
    engine.copyToParquet(`select '1' as account_id, ${columns}`, join(lake, 'staging', table))
  await engine.copyToParquet(
    `select '1' as account_id, 'global' as region, true as audited`,
    join(lake, staged),
  )
  await one('regions.parquet', `'eu-west-1' as region`)
  await one('collectors.parquet', `'ec2' as collector, 'cell' as scope, true as requested`)
  await one('settings.parquet', `timestamp '2026-11-23 07:45:00' as as_of`)
  const files = Object.fromEntries(
    ['regions', 'collectors', 'settings'].map((name) => [name, [`staging/${name}.parquet`]]),
  )
  const run = { lake, runId: runIdOf(3), tables: allTables }
  const { findings, scores, coverage, ...tables } = allTables
  expect([findings, scores, coverage]).not.toContain(undefined)
  const rows = await compactRun(engine, {
    ...run,
    tables,
    staged: { ...files, accounts: [staged] },
    asOf: new Date('2026-11-23T07:45:00Z'),
    maxAgeDays: 30,
  })
  expect(rows).toMatchObject({ accounts: 1, ebs_volumes: 0 })
  expect(await computeCoverage(engine, run)).toEqual({ coverage: 1, table_coverage: 0 })
  const result = await engine.query(`select * from coverage where run_id = '${runIdOf(3)}'`)
  expect(result.rows[0]).toMatchObject({ status: 'unread', cause: 'lost', region: 'eu-west-1' })
})

it('names the file that cannot be read', async () => {
  const folder = join(opened.lake, 'inventory', 'kms_aliases', `run_id=${runIdOf(4)}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'data.parquet'), 'PAR1 cut off')
  await expect(opened.engine.query('select * from kms_aliases')).rejects.toThrow(
    join(folder, 'data.parquet'),
  )
})
