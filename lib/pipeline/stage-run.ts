import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { slicesThatCount } from '../collect/answer.ts'
import type { Unit } from '../collect/collect-unit.ts'
import { PASSES } from '../collect/passes.ts'
import { derivedUnit } from '../derive/derive-accounts.ts'
import { loadControls } from '../engine/controls.ts'
import type { Lake } from '../lake/lake.ts'
import { createParquetFile, type ParquetFile, writeParquet } from '../lake/parquet.ts'
import { runTables } from '../lake/run-tables.ts'
import { defineTable, type StoredRow, string, type Table } from '../lake/table.ts'
import { organizationUnit } from '../plan.ts'
import { rowsOfAnswers, rowsOfGaps, rowsOfRun } from '../reconcile.ts'
import { chosenControls } from '../scope.ts'
import { loadSources, requestedSources } from '../sources.ts'
import { answersOf, openRun, type StoredRun, unitsOf } from './run-files.ts'

/** Which staged objects count: those, and only those, that an answer names. It is read by compaction and not kept. */
export const stagedObjects = defineTable('Staged objects that an answer names.', {
  table_name: string('Table whose rows it holds.'),
  object: string('Name of the object in the lake.'),
})

const UNITS_AT_ONCE = 16

/** Tables whose rows come from the answers, unit by unit. */
const streamed = { answers: runTables.answers, gaps: runTables.gaps, staged_objects: stagedObjects }

/**
 * Stages what the run knows of itself: its scope, its settings, and what of each answer counts. Answers are read a few units at a
 * time, so that memory does not grow with the organization.
 */
export async function stageRun(lake: Lake, runId: string): Promise<{ units: number }> {
  const stored = await openRun(lake, runId)
  const objectOf = (table: string) => `staging/${runId}/${table}/run.parquet`
  const own = await ownTables(lake, stored)
  for (const [table, rows] of Object.entries(own)) {
    const declared: Table = runTables[table as keyof typeof runTables]
    await lake.place(objectOf(table), (path) => writeParquet(declared, path, rows))
  }
  const units = [...(await unitsOf(stored)).values()]
  const ownObjects = [...Object.keys(own), 'answers', 'gaps'].map((table) => ({
    ...scopeOf(stored),
    table_name: table,
    object: objectOf(table),
  }))
  await placeTogether(lake, objectOf, async (files) => {
    for (const row of ownObjects) await files.staged_objects.append(row)
    const limit = pLimit(UNITS_AT_ONCE)
    await Promise.all(units.map((unit) => limit(() => stageUnit(lake, { stored, unit, files }))))
  })
  return { units: units.length }
}

type Files = Record<keyof typeof streamed, ParquetFile>

async function stageUnit(
  lake: Lake,
  { stored, unit, files }: { stored: StoredRun; unit: Unit; files: Files },
): Promise<void> {
  const collected = await answersOf(lake, stored.run.run_id, { unit: unit.unit, pass: PASSES })
  // What was derived is staged once, with the account's own unit.
  const own = unit.unit !== organizationUnit(stored.run.discovery.caller_account_id)
  const derived = { unit: derivedUnit(unit.account_id), pass: own ? 1 : 0 }
  const answers = [...collected, ...(await answersOf(lake, stored.run.run_id, derived))]
  const slices = slicesThatCount(answers)
  const { all } = await loadSources()
  for (const row of rowsOfAnswers(answers, slices, all)) await files.answers.append(row)
  for (const row of rowsOfGaps(slices)) await files.gaps.append(row)
  const objects = new Map(slices.flatMap((slice) => Object.entries(slice.objects).map(flipped)))
  for (const [object, table_name] of objects) {
    await files.staged_objects.append({ ...scopeOf(stored), table_name, object })
  }
}

function flipped([table, object]: [string, string]): [string, string] {
  return [object, table]
}

function scopeOf({ run }: StoredRun): StoredRow {
  const { caller_account_id: account_id } = run.discovery
  return { account_id, region: 'global', observed_at: new Date(run.as_of) }
}

async function ownTables(lake: Lake, { run, config }: StoredRun) {
  const sources = await loadSources()
  const requested = new Set(requestedSources(sources, config).all.keys())
  const controls = chosenControls(loadControls(), config)
  return rowsOfRun({ lake, run, config, sources: sources.all, requested, controls })
}

/** Fills all streamed files at once, and puts each in its place when that has ended. */
async function placeTogether(
  lake: Lake,
  objectOf: (table: string) => string,
  fill: (files: Files) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-'))
  try {
    const create = (name: keyof Files) => createParquetFile(streamed[name], join(folder, name))
    const files: Files = {
      answers: await create('answers'),
      gaps: await create('gaps'),
      staged_objects: await create('staged_objects'),
    }
    await fill(files)
    for (const [name, file] of Object.entries(files)) {
      await file.commit()
      await lake.upload(objectOf(name), file.path)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
