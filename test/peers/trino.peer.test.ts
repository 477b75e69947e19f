import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadControls, loadViews, queriesFolder } from '../../lib/engine/controls.ts'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import type { Engine } from '../../lib/engine/engine.ts'
import { openLibrary, renderForRun } from '../../lib/engine/render.ts'
import { ownColumns } from '../../lib/lake/table.ts'
import { beginRun } from '../../lib/pipeline/begin-run.ts'
import { PHASES } from '../../lib/pipeline/payloads.ts'
import { renderCarry, renderRun } from '../../lib/pipeline/render-run.ts'
import { openHubQueries } from '../../lib/securityhub/queries.ts'
import { WHOLE } from '../../lib/securityhub/slices.ts'
import { inventoryTables, lakeTables, loadSources } from '../../lib/sources.ts'
import { resourcesOf } from '../stack/synthesized.ts'
import { NOW, temporaryFolder } from '../support/simulated.ts'
import { runOnTrino, unloadedBy } from './trino/athena-statements.ts'
import { differences } from './trino/differences.ts'
import type { Trino } from './trino/engine.ts'
import { tableStatements } from './trino/glue-tables.ts'
import { plannedIn, together } from './trino/pipeline.ts'
import { MOST_STAGES, planAll, stagesOf } from './trino/plans.ts'
import { openStage, SCHEMA, type Stage } from './trino/stage.ts'

// Nothing is read here: Trino's planner says of each statement whether it parses, fits the tables and stays within 150 stages. What
// they answer is for `npm run test:trino`.

const sources = await loadSources()
const tables = lakeTables(sources)
const controls = loadControls()
const views = loadViews()

/** Milliseconds that no machine needs: others may have the processor. */
const LONG = 1_800_000

/** A run that evidence is carried forward from. */
const EARLIER = '20261122T080000Z-000000'

let stage: Stage
let trino: Trino
let runId: string

beforeAll(async () => {
  stage = await openStage({ accounts: 3, regions: 2 })
  trino = stage.pipeline.trino
  await trino.run(`CREATE SCHEMA hive.${SCHEMA}`)
  const at = { schema: SCHEMA, root: stage.peers.lake.root, partitioned: false }
  await together(tableStatements(stage.template, at), (sql) => trino.run(sql))
  const started_at = NOW.toISOString()
  runId = (await beginRun({ execution: 'peer', started_at, input: {} }, stage.pipeline)).run_id
  const { lake, database } = stage.pipeline
  const engine = carryingAll(trino)
  await renderCarry(runId, { lake, engine, database })
  await renderRun(runId, { lake, engine, database })
  // The named queries read them.
  await together(await plannedIn(runId, 'latest', stage.pipeline), async ({ statements }) => {
    for (const sql of statements) await runOnTrino(trino, SCHEMA, sql)
  })
}, LONG)

afterAll(() => stage?.close())

describe.concurrent('Trino plans, within the stages of Athena', { timeout: LONG }, () => {
  it.each(PHASES.filter((phase) => phase !== 'latest'))('the run’s %s', async (phase) => {
    const planned = await plannedIn(runId, phase, stage.pipeline)
    const queries = planned.map(({ name, statements: [sql = ''] }) => {
      const unload = unloadedBy(sql)
      if (!unload) throw new Error(`${name} unloads nothing: ${sql}`)
      return { name, sql: unload.query }
    })
    if (phase === 'findings') expect(queries).toHaveLength(controls.length)
    await expectPlans(queries)
  })

  it('the views of the newest run', async () => {
    const { rows } = await trino.query(
      `select table_name from information_schema.views where table_schema = '${SCHEMA}'`,
    )
    expect(rows.map(({ table_name }) => table_name).sort()).toEqual(
      Object.keys(tables)
        .map((name) => `latest_${name}`)
        .sort(),
    )
  })

  it('the named queries', async () => {
    const named = resourcesOf(stage.template, 'AWS::Athena::NamedQuery')
    expect(named).toHaveLength(readdirSync(join(queriesFolder, 'examples')).length)
    const queries = named.map(([, { Properties }]) => ({
      name: String(Properties.Name),
      sql: String(Properties.QueryString),
    }))
    await expectPlans(queries)
  })

  it('the report and every view', async () => {
    const library = await openLibrary(trino, tables, views)
    const files = readdirSync(join(queriesFolder, 'report')).map((file) => ({
      name: basename(file),
      sql: readFileSync(join(queriesFolder, 'report', file), 'utf8').trim(),
    }))
    const all = Object.keys(views).map((name) => ({ name, sql: `select * from ${name}` }))
    await expectPlans(
      await Promise.all(
        [...files, ...all].map(async ({ name, sql }) => ({
          name,
          sql: await renderForRun(trino, library, runId, sql),
        })),
      ),
    )
  })

  it('a publication to Security Hub, after one that ended and two that did not', async () => {
    const queries = await openHubQueries(trino, {
      tables,
      runId,
      controls,
      auditAccount: stage.simulated.organization.state.managementAccountId,
      homeRegion: 'us-east-1',
      mode: 'local',
      now: NOW,
      asOf: NOW,
      before: { run_id: runId, generation: 1, attempt: 1 },
      generation: 2,
      unended: [
        { run_id: runId, attempt: 1 },
        { run_id: runId, attempt: 2 },
      ],
      attempt: 3,
    })
    await expectPlans([
      { name: 'targets', sql: await queries.targets(WHOLE) },
      { name: 'changes', sql: await queries.changes(WHOLE, 1000) },
      { name: 'state', sql: await queries.state(WHOLE) },
      { name: 'failures', sql: await queries.failures() },
      { name: 'unchanged', sql: await queries.unchanged() },
    ])
  })

  it('nothing that has more', async () => {
    const joins = Array.from({ length: MOST_STAGES }, (_, n) => `join gaps as g${n} using (region)`)
    await expect(stagesOf(trino, `select region from gaps ${joins.join(' ')}`)).rejects.toThrow(
      'QUERY_HAS_TOO_MANY_STAGES',
    )
  })
})

describe('what the engines do not answer alike', () => {
  let duckdb: Engine
  beforeAll(async () => {
    duckdb = await openDuckdb({ lake: await temporaryFolder(), tables: {} })
  })
  afterAll(() => duckdb?.close())

  it.each(differences)('$sql', { timeout: LONG }, async ({ sql, ...expected }) => {
    for (const [name, engine] of Object.entries({ trino, duckdb })) {
      const answer = expected[name as keyof typeof expected]
      const asked = engine.query(`select ${sql} as answer`)
      if (answer !== null && typeof answer === 'object') {
        await expect(asked).rejects.toThrow(answer.refused)
      } else {
        expect((await asked).rows, name).toEqual([{ answer }])
      }
    }
  })
})

async function expectPlans(queries: { name: string; sql: string }[]): Promise<void> {
  const { name, stages } = await planAll(trino, queries)
  expect(stages).toBeGreaterThan(0)
  expect(stages, name).toBeLessThanOrEqual(MOST_STAGES)
  console.log(`${queries.length} planned; most stages: ${stages}, ${name}`)
}

/** An engine that answers of every table read resource by resource that an earlier run supplies a part of it. */
function carryingAll(engine: Engine): Engine {
  const rows = Object.entries(inventoryTables(sources))
    .filter(([, table]) => /(^|_)arn$/.test(ownColumns(table)[0] ?? ''))
    .map(([table_name]) => ({ table_name, from_run_id: EARLIER }))
  return { ...engine, query: async () => ({ columns: ['table_name', 'from_run_id'], rows }) }
}
