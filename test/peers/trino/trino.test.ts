import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadControls, loadViews, queriesFolder } from '../../../lib/engine/controls.ts'
import { openDuckdb } from '../../../lib/engine/duckdb.ts'
import { type Engine, literal } from '../../../lib/engine/engine.ts'
import { type Library, openLibrary, renderForRun } from '../../../lib/engine/render.ts'
import { carriedRowsSql, carriedSql } from '../../../lib/lake/carry-forward.ts'
import { type Lake, openLake } from '../../../lib/lake/lake.ts'
import { findings, scores } from '../../../lib/lake/run-tables.ts'
import { openRun } from '../../../lib/pipeline/run-files.ts'
import { summarize } from '../../../lib/report/summarize.ts'
import { publishRun } from '../../../lib/securityhub/publish.ts'
import { hubTables } from '../../../lib/securityhub/store.ts'
import { inventoryTables, lakeTables, loadSources } from '../../../lib/sources.ts'
import { hubOf, switchOn } from '../../../simulator/hub.ts'
import { cellOf } from '../../../simulator/state.ts'
import { resourcesOf } from '../../stack/synthesized.ts'
import { NOW } from '../../support/simulated.ts'
import { asAthena } from './athena-statements.ts'
import type { Trino } from './engine.ts'
import { tableStatements } from './glue-tables.ts'
import { collectRun, concludeLocally, concludeRun, together } from './pipeline.ts'
import { expectSame, orderedRows } from './same-rows.ts'
import { ATTEMPT, openStage, REGION, SCHEMA, type Stage } from './stage.ts'

const DAY_MS = 86_400_000
const sources = await loadSources()
const tables = lakeTables(sources)
const inventory = inventoryTables(sources)
const controls = loadControls()
const views = loadViews()
const examples = readdirSync(join(queriesFolder, 'examples')).map((file) => basename(file, '.sql'))

/** Milliseconds that no machine needs: a planner's time is the processor's, and others may have that. */
const LONG = 1_800_000

/** A run after the one that is made. */
const LATER = '20261124T080000Z-000000'

/** Columns that say how a run went, and not what it found. */
const OF_THE_RUN = new Set(['attempt', 'calls', 'retries', 'throttles', 'seconds', 'unit', 'pass'])

let stage: Stage
let trino: Trino
let runId: string
/** A lake that the command line made out of what was staged, and DuckDB over it. */
let local: string
let duckdb: Engine

beforeAll(async () => {
  stage = await openStage({ accounts: 14, regions: 3 })
  trino = stage.pipeline.trino
})

afterAll(async () => {
  duckdb?.close()
  await stage?.close()
})

describe('the pipeline with Trino for Athena', () => {
  it(
    'has the tables that the template declares in Glue',
    async () => {
      await trino.run(`CREATE SCHEMA hive.${SCHEMA}`)
      await trino.run('CREATE SCHEMA hive.unloads')
      const statements = tableStatements(stage.template, {
        schema: SCHEMA,
        root: stage.peers.lake.root,
      })
      await together(statements, (sql) => trino.run(sql))
      const { rows } = await trino.query(`SHOW TABLES FROM hive.${SCHEMA}`)
      expect(rows.map(({ Table }) => Table)).toEqual(expect.arrayContaining(Object.keys(tables)))
    },
    LONG,
  )

  it(
    'compacts, judges and scores what the collectors wrote',
    async () => {
      runId = await collectRun(stage.pipeline)
      const completed = await concludeRun(runId, stage.pipeline)
      expect(completed).toMatchObject({ run_id: runId, scope_complete: true })
    },
    LONG,
  )

  it(
    'makes the inventory, the coverage and the scores that the command line makes with DuckDB',
    async () => {
      local = await concludeLocally(runId, {
        folder: stage.peers.folder,
        clock: () => NOW,
        region: REGION,
      })
      duckdb = await openDuckdb({ lake: local, tables })
      for (const [name, { columns }] of Object.entries({ ...inventory, scores })) {
        const list = Object.keys(columns).filter((column) => !OF_THE_RUN.has(column))
        const select = `select ${list.join(', ')} from`
        const expected = await orderedRows(
          duckdb,
          `${select} ${duckdb.dialect.lakeTable(name)} where run_id = '${runId}'`,
        )
        const files = await unloaded(name)
        // Where there are no rows, Trino writes no file, and neither does Athena.
        if (files.length === 0) expect(expected.rows, name).toEqual([])
        else expectSame(await orderedRows(duckdb, `${select} read_parquet([${files}])`), expected)
      }
    },
    LONG,
  )

  it(
    'judges as the command line judges with DuckDB',
    async () => {
      const of = async (engine: Engine) => {
        const { rows } = await engine.query(
          `select ${Object.keys(findings.columns).join(', ')} from ${engine.dialect.lakeTable('findings')}
         where run_id = '${runId}' order by finding_id`,
        )
        return Map.groupBy(rows, ({ control_id }) => String(control_id))
      }
      const [expected, judged] = [await of(duckdb), await of(trino)]
      for (const { id } of controls) expect(judged.get(id), id).toEqual(expected.get(id))
      // A control that found nothing would prove nothing.
      expect([...judged.keys()].sort()).toEqual(controls.map(({ id }) => id).sort())
    },
    LONG,
  )

  it(
    'answers the named queries as DuckDB answers the examples',
    async () => {
      const queries = resourcesOf(stage.template, 'AWS::Athena::NamedQuery')
      expect(queries.map(([, { Properties }]) => Properties.Name).sort()).toEqual(examples.sort())
      await together(queries, async ([, { Properties }]) => {
        const example = readExample(String(Properties.Name))
        expectSame(
          await trino.query(String(Properties.QueryString)),
          await duckdb.query(await render(duckdb, example)),
        )
      })
    },
    LONG,
  )
})

describe.concurrent('Trino and DuckDB answer the same rows', { timeout: LONG }, () => {
  it.each(Object.keys(views))('view %s', async (name) => {
    await same((engine) => render(engine, `select * from ${name}`))
  })

  it('what a later run would carry forward, had its budget left everything out', async () => {
    const options = { runId: LATER, asOf: new Date(NOW.getTime() + DAY_MS), maxAgeDays: 7 }
    const carried = (engine: Engine) => {
      const gaps = `(select account_id, region, collector, table_name, resource_arn, 'budget' as cause
        from ${engine.dialect.lakeTable('item_reads')} where run_id = '${runId}')`
      return carriedSql(engine, gaps, options)
    }
    expect(await same(async (engine) => carried(engine))).toBeGreaterThan(100)
    const { rows } = await duckdb.query(`select distinct table_name from (${carried(duckdb)})`)
    await together(rows, async (row) => {
      const name = String(row.table_name)
      const table = inventory[name]
      if (!table) throw new Error(`the lake has no table ${name}`)
      await same(async (engine) =>
        carriedRowsSql(engine, { name, table, carried: `(${carried(engine)})` }),
      )
    })
  })

  it.each(readdirSync(join(queriesFolder, 'report')))('the report’s %s', async (file) => {
    const sql = readFileSync(join(queriesFolder, 'report', file), 'utf8').trim()
    await same((engine) => render(engine, sql))
  })

  it(
    'what is sent to Security Hub, at once and in parts',
    async () => {
      const { run, config } = await openRun(stage.peers.lake, runId)
      for (const account of stage.simulated.organization.state.accounts.values()) {
        for (const region of account.enabledRegions) {
          switchOn(hubOf(cellOf(account, region)), new Date(NOW.getTime() - DAY_MS))
        }
      }
      for (const most of [40, undefined]) {
        const publish = (engine: Engine, lake: Lake) =>
          publishRun(engine, { config, run, lake, tables, aws: stage.pipeline.aws, most })
        const published = await publish(asAthena(trino, SCHEMA), stage.peers.lake)
        expect(published.accepted).toBeGreaterThan(30)
        expect(published).toEqual(await publish(duckdb, openLake(local)))
      }
      for (const [name, { columns }] of Object.entries(hubTables)) {
        const list = Object.keys(columns).join(', ')
        const rows = await same(
          async ({ dialect }) =>
            `select ${list} from ${dialect.lakeTable(name)} where run_id = '${runId}'`,
        )
        expect(rows, name).toBeGreaterThan(0)
      }
    },
    LONG,
  )

  it('the summary', async () => {
    const times = { startedAt: NOW, finishedAt: NOW }
    const discoveryCalls = { calls: 0, retries: 0, throttles: 0 }
    const summaryOf = (engine: Engine) => summarize(engine, runId, { ...times, discoveryCalls })
    expect(await summaryOf(trino)).toEqual(await summaryOf(duckdb))
  })
})

/** The files that Trino wrote of a table, as SQL names them. */
async function unloaded(name: string): Promise<string[]> {
  const partition = `${name === 'scores' ? '' : 'inventory/'}${name}/run_id=${runId}/${ATTEMPT}`
  const names = await stage.peers.lake.list(partition)
  return names.map((file) => literal(join(stage.peers.folder, file)))
}

/** Expects the same rows of both for a statement that is rendered for each. */
async function same(rendered: (engine: Engine) => Promise<string>): Promise<number> {
  const expected = await orderedRows(duckdb, await rendered(duckdb))
  return expectSame(await orderedRows(trino, await rendered(trino), expected.columns), expected)
}

async function render(engine: Engine, sql: string): Promise<string> {
  return renderForRun(engine, await libraryOf(engine), runId, sql)
}

function libraryOf(engine: Engine): Promise<Library> {
  return openLibrary(engine, tables, views)
}

function readExample(name: string): string {
  return readFileSync(join(queriesFolder, 'examples', `${name}.sql`), 'utf8').trim()
}
