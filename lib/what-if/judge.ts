import { randomBytes } from 'node:crypto'
import { loadControls } from '../engine/controls.ts'
import { openDuckdb } from '../engine/duckdb.ts'
import { type Engine, literal } from '../engine/engine.ts'
import { scoreRun } from '../engine/score.ts'
import { compactTable, computeCoverage, inventoryPath } from '../lake/compact.ts'
import { writeParquet } from '../lake/parquet.ts'
import { runTables } from '../lake/run-tables.ts'
import { namesOf } from '../lake/staged.ts'
import type { StoredRow } from '../lake/table.ts'
import { chosenControls } from '../scope.ts'
import { lakeTables } from '../sources.ts'
import {
  affected,
  type ChangedRun,
  collectorOf,
  type DerivedAgain,
  deriveAgain,
} from './derive-again.ts'

/** Derives and judges a run again in the overlay, with some collected tables changed. What does not hang on them is taken over. */
export async function judgeChanged(options: ChangedRun): Promise<void> {
  const { run, config, sources, overlay } = options
  const again = await deriveAgain(options)
  const tables = lakeTables(sources)
  const engine = await openDuckdb({ lake: overlay.lake.root, tables, limits: config.duckdb })
  try {
    await replaceCollected(engine, options)
    await replaceDerived(engine, again, options)
    await replaceAnswers(engine, again, options)
    const at = { lake: overlay.lake.root, runId: run.run_id, tables }
    await overlay.clear('coverage')
    await computeCoverage(engine, at)
    const attempt = randomBytes(4).toString('hex')
    await scoreRun(engine, { ...at, controls: chosenControls(loadControls(), config), attempt })
  } finally {
    engine.close()
  }
}

/** The rows that the inventory below has, those that an earlier run supplied included, but for what changes. */
async function replaceCollected(
  engine: Engine,
  { run, sources, overlay, changes }: ChangedRun,
): Promise<void> {
  for (const { table, drops, adds } of changes) {
    const { declared } = collectorOf(table, sources)
    const { rows } = await engine.query(
      `select * from lake.${table} where run_id = ${literal(run.run_id)}`,
    )
    const kept = (rows as StoredRow[]).filter((row) => !drops(row))
    await overlay.clear(table)
    const name = inventoryPath('', table, run.run_id)
    await overlay.lake.place(name, (path) => writeParquet(declared, path, [...kept, ...adds]))
  }
}

async function replaceDerived(
  engine: Engine,
  { staged }: DerivedAgain,
  options: ChangedRun,
): Promise<void> {
  const { run, overlay } = options
  const names = namesOf(staged)
  for (const { tables } of affected(options).values()) {
    for (const [name, table] of Object.entries(tables)) {
      await overlay.clear(name)
      await compactTable(engine, {
        lake: overlay.lake.root,
        runId: run.run_id,
        name,
        table,
        files: names[name] ?? [],
      })
    }
  }
}

/** What the run says of its own reading: of what was read or derived anew the new, of all else what it said. */
async function replaceAnswers(
  engine: Engine,
  { answers, gaps }: DerivedAgain,
  options: ChangedRun,
): Promise<void> {
  const { sources, changes } = options
  const collectors = new Set(changes.map(({ table }) => collectorOf(table, sources).collector))
  const derived = [...affected(options).keys()]
  const settled = changes.flatMap(({ table, settles }) =>
    [...settles].map(
      (arn) => `(table_name = ${literal(table)} and resource_arn = ${literal(arn)})`,
    ),
  )
  await exchange(engine, options, {
    table: 'answers',
    kept: `collector not in (${[...derived, ...collectors].map(literal).join(', ')})`,
    rows: answers,
  })
  await exchange(engine, options, {
    table: 'gaps',
    kept: [
      `collector not in (${derived.map(literal).join(', ')})`,
      ...(settled.length > 0 ? [`not coalesce(${settled.join(' or ')}, false)`] : []),
    ].join(' and '),
    rows: gaps,
  })
}

async function exchange(
  engine: Engine,
  { run, overlay }: ChangedRun,
  { table, kept, rows }: { table: 'answers' | 'gaps'; kept: string; rows: StoredRow[] },
): Promise<void> {
  const declared = runTables[table]
  const files = [`staging/what-if/${table}/kept.parquet`, `staging/what-if/${table}/new.parquet`]
  const [before = '', after = ''] = files
  await engine.copyToParquet(
    `select * exclude (run_id) from lake.${table} where run_id = ${literal(run.run_id)} and ${kept}`,
    overlay.lake.path(before),
  )
  await overlay.lake.place(after, (path) => writeParquet(declared, path, rows))
  await overlay.clear(table)
  await compactTable(engine, {
    lake: overlay.lake.root,
    runId: run.run_id,
    name: table,
    table: declared,
    files,
  })
}
