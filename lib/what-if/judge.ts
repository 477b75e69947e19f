import { randomBytes } from 'node:crypto'
import { type Answer, slicesThatCount } from '../collect/answer.ts'
import { readAnswers } from '../collect/run-answers.ts'
import type { Config } from '../config/schema.ts'
import {
  type DeriveOnceOptions,
  deriveOnce,
  isDerived,
  sharedSlices,
} from '../derive/derive-accounts.ts'
import { organizationOf } from '../derive/organization.ts'
import { loadControls } from '../engine/controls.ts'
import { openDuckdb } from '../engine/duckdb.ts'
import { type Engine, literal } from '../engine/engine.ts'
import { scoreRun } from '../engine/score.ts'
import { compactTable, computeCoverage, inventoryPath } from '../lake/compact.ts'
import type { Lake } from '../lake/lake.ts'
import { writeParquet } from '../lake/parquet.ts'
import { runTables } from '../lake/run-tables.ts'
import type { StoredRow } from '../lake/table.ts'
import { rowsOfAnswers, rowsOfGaps } from '../reconcile.ts'
import type { Run } from '../run.ts'
import { chosenControls } from '../scope.ts'
import { lakeTables, requestedSources, type Sources } from '../sources.ts'
import { stageChange, type TableChange } from './change.ts'
import type { Overlay } from './overlay.ts'

export interface JudgeOptions {
  run: Run
  config: Config
  sources: Sources
  /** The lake that the run is in; it is only read. */
  below: Lake
  overlay: Overlay
  changes: readonly TableChange[]
  clock: () => Date
}

/** Derives and judges a run again in the overlay, with some collected tables changed. What does not hang on them is taken over. */
export async function judgeChanged(options: JudgeOptions): Promise<void> {
  const { run, config, sources, overlay } = options
  const all = await readAnswers(options.below, run.run_id)
  const answers = all.filter(({ unit }) => !isDerived(unit))
  await stageChanges(answers, options)
  const derived = await deriveAgain(answers, options)
  const tables = lakeTables(sources)
  const engine = await openDuckdb({ lake: overlay.lake.root, tables, limits: config.duckdb })
  try {
    await replaceCollected(engine, options)
    await replaceDerived(engine, derived, options)
    await replaceAnswers(engine, { answers, derived }, options)
    const at = { lake: overlay.lake.root, runId: run.run_id, tables }
    await overlay.clear('coverage')
    await computeCoverage(engine, at)
    const attempt = randomBytes(4).toString('hex')
    await scoreRun(engine, { ...at, controls: chosenControls(loadControls(), config), attempt })
  } finally {
    engine.close()
  }
}

async function stageChanges(
  answers: Answer[],
  { changes, overlay, sources }: JudgeOptions,
): Promise<void> {
  for (const change of changes) {
    const [collector, declared] = collectorOf(change.table, sources)
    await stageChange(change, { answers, overlay, collector, declared })
  }
}

function collectorOf(table: string, { collectors }: Sources) {
  for (const [name, { tables }] of collectors) {
    const declared = tables[table]
    if (declared) return [name, declared] as const
  }
  throw new Error(`no collector fills ${table}`)
}

/** The derived tables that read a changed one, computed anew. */
async function deriveAgain(answers: Answer[], options: JudgeOptions): Promise<Answer[]> {
  const { run, config, sources, overlay, clock } = options
  const deriving: DeriveOnceOptions = {
    shared: sharedSlices(answers, sources.all),
    runId: run.run_id,
    asOf: new Date(run.as_of),
    partition: run.discovery.partition,
    regions: run.discovery.regions,
    config,
    organization: organizationOf(run.discovery),
    lake: overlay.lake,
    collectors: sources.all,
    derivations: affected(options),
    pass: 1,
    clock,
  }
  const derived: Answer[] = []
  for (const [account, own] of Map.groupBy(answers, ({ account_id }) => account_id)) {
    const answer = await deriveOnce(account, own, deriving)
    if (answer) derived.push(answer)
  }
  return derived
}

function affected({ config, sources, changes }: JudgeOptions): Sources['derivations'] {
  const changed = new Set(changes.map(({ table }) => table))
  const { derivations } = requestedSources(sources, config)
  return new Map(
    [...derivations].filter(([, { reads }]) => reads.some((name) => changed.has(name))),
  )
}

/** The rows that the inventory below has, those that an earlier run supplied included, but for what changes. */
async function replaceCollected(
  engine: Engine,
  { run, sources, overlay, changes }: JudgeOptions,
): Promise<void> {
  for (const { table, drops, adds } of changes) {
    const [, declared] = collectorOf(table, sources)
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
  derived: Answer[],
  { run, overlay, ...options }: JudgeOptions,
): Promise<void> {
  const slices = slicesThatCount(derived)
  for (const { tables } of affected({ run, overlay, ...options }).values()) {
    for (const [name, table] of Object.entries(tables)) {
      await overlay.clear(name)
      const files = [...new Set(slices.flatMap(({ objects }) => objects[name] ?? []))]
      await compactTable(engine, {
        lake: overlay.lake.root,
        runId: run.run_id,
        name,
        table,
        files,
      })
    }
  }
}

/** What the run says of its own reading: of what was read or derived anew the new, of all else what it said. */
async function replaceAnswers(
  engine: Engine,
  { answers, derived }: { answers: Answer[]; derived: Answer[] },
  options: JudgeOptions,
): Promise<void> {
  const { sources, changes } = options
  const collectors = new Set(changes.map(({ table }) => collectorOf(table, sources)[0]))
  const again = [...affected(options).keys()]
  const slices = slicesThatCount([...answers, ...derived])
  const replaced = [...again, ...collectors]
  const own = slices.filter(({ collector }) => replaced.includes(collector))
  const settled = changes.flatMap(({ table, settles }) =>
    [...settles].map(
      (arn) => `(table_name = ${literal(table)} and resource_arn = ${literal(arn)})`,
    ),
  )
  await exchange(engine, options, {
    table: 'answers',
    kept: `collector not in (${replaced.map(literal).join(', ')})`,
    rows: rowsOfAnswers([...answers, ...derived], own, sources.all),
  })
  await exchange(engine, options, {
    table: 'gaps',
    kept: [
      `collector not in (${again.map(literal).join(', ')})`,
      ...(settled.length > 0 ? [`not coalesce(${settled.join(' or ')}, false)`] : []),
    ].join(' and '),
    rows: rowsOfGaps(slicesThatCount(derived)),
  })
}

async function exchange(
  engine: Engine,
  { run, overlay }: JudgeOptions,
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
