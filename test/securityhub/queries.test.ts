import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadControls, queriesFolder } from '../../lib/engine/controls.ts'
import { athenaDialect } from '../../lib/engine/engine.ts'
import { inspectSql } from '../../lib/engine/portable-sql.ts'
import { openHubQueries } from '../../lib/securityhub/queries.ts'
import { WHOLE } from '../../lib/securityhub/slices.ts'
import { allTables, openCaseLake } from '../engine/case-lake.ts'

const folder = join(queriesFolder, 'securityhub')
const names = readdirSync(folder)
/** Beyond what controls may use; both engines answer them alike. */
const further = new Set(['chr', 'substr', 'to_seconds'].map((name) => `uses the function ${name}`))
/** Longest statement that Athena takes, in bytes. */
const LONGEST = 262_144

let lake: Awaited<ReturnType<typeof openCaseLake>>
beforeAll(async () => {
  lake = await openCaseLake()
})
afterAll(() => lake.close())

test.each(names)('%s is SQL that both engines answer alike', async (name) => {
  const sql = readFileSync(join(folder, name), 'utf8')
    .replaceAll(/\{(\w+\.)?record\}/g, 'finding_id')
    .replace('{samples}', "''")
  const { problems } = await inspectSql(lake.engine, sql)
  expect(problems.filter((problem) => !further.has(problem))).toEqual([])
})

test('statements for Athena name its tables and stay within its limit', async () => {
  const engine = { ...lake.engine, dialect: athenaDialect('strongroom') }
  const runId = '20261123T080000Z-000001'
  const queries = await openHubQueries(engine, {
    tables: allTables,
    runId,
    controls: loadControls(),
    auditAccount: '111111111111',
    homeRegion: 'us-east-1',
    mode: 'local',
    now: new Date('2026-11-23T08:00:00Z'),
    asOf: new Date('2026-11-23T08:00:00Z'),
    before: { run_id: runId, generation: 1, attempt: 1 },
    generation: 2,
    unended: [{ run_id: runId, attempt: 1 }],
    attempt: 2,
  })
  const statements = [
    await queries.targets(WHOLE),
    await queries.changes(WHOLE, 1000),
    await queries.state(WHOLE),
    await queries.failures(),
    await queries.unchanged(),
  ]
  for (const sql of statements) {
    expect(Buffer.byteLength(sql)).toBeLessThan(LONGEST)
    expect(sql).not.toContain('lake.')
    expect(sql).not.toContain('{')
  }
})
