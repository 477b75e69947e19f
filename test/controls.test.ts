import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadControls, loadCoverage, loadViews } from '../lib/engine/controls.ts'
import type { Engine, Value } from '../lib/engine/engine.ts'
import { type Library, openLibrary, renderControl } from '../lib/engine/render.ts'
import { allTables, type CaseRow, type Given, openCaseTables, runIdOf } from './engine/case-lake.ts'

interface Case {
  name: string
  given: Given
  /** What another run of the same lake holds: nothing of it may be seen. */
  other_run?: Given
  expect: CaseRow[]
}

const cases = loadControls().map((control, index) => {
  const file = join(import.meta.dirname, 'controls', `${control.id}.yaml`)
  const list: Case[] = parse(readFileSync(file, 'utf8'))
  return { control, list: list.map((item, n) => ({ ...item, run: index * 200 + n * 2 })) }
})

let engine: Engine
let library: Library

beforeAll(async () => {
  const runs = cases.flatMap(({ list }) =>
    list.flatMap((item) => [
      { runId: runIdOf(item.run), given: item.given },
      ...(item.other_run ? [{ runId: runIdOf(item.run + 1), given: item.other_run }] : []),
    ]),
  )
  engine = await openCaseTables(runs)
  library = await openLibrary(engine, allTables, {
    ...loadViews(),
    table_coverage: loadCoverage().table_coverage,
  })
})

afterAll(() => engine.close())

describe.each(cases)('$control.id', ({ control, list }) => {
  it('has cases for pass, fail, unknown, and two accounts and runs', () => {
    const statuses = new Set(list.flatMap((item) => item.expect.map((row) => row.status)))
    expect([...statuses]).toEqual(expect.arrayContaining(['pass', 'fail', 'unknown']))
    const apart = list.filter(
      (item) => item.other_run && new Set(item.expect.map((row) => row.account_id)).size > 1,
    )
    expect(apart).not.toHaveLength(0)
  })

  it.each(list)('$name', async (item) => {
    // As where the configuration has no waivers, and as where it has some.
    const waived = (item.given.waivers ?? []).length > 0
    const sql = await renderControl(engine, library, runIdOf(item.run), { ...control, waived })
    const { rows } = await engine.query(
      `select * from (${sql}) order by account_id, region, resource_arn, related_arn`,
    )
    expect(rows.map((row, n) => pick(row, item.expect[n] ?? row))).toEqual(item.expect)
    expect(new Set(rows.map((row) => row.finding_id)).size).toBe(rows.length)
    for (const row of rows) expect(row.reason).toBeTypeOf('string')
  })
})

function pick(row: Record<string, Value>, keys: object): Record<string, Value> {
  return Object.fromEntries(Object.keys(keys).map((key) => [key, row[key] ?? null]))
}
