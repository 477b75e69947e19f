import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  loadControls,
  loadViews,
  parseControl,
  queriesFolder,
  statementsOf,
} from '../../lib/engine/controls.ts'
import { inspectSql } from '../../lib/engine/portable-sql.ts'
import { checkRunId, closure, type Library, openLibrary } from '../../lib/engine/render.ts'
import { runTables } from '../../lib/lake/run-tables.ts'
import { allTables, openCaseLake } from './case-lake.ts'

let opened: Awaited<ReturnType<typeof openCaseLake>>
let library: Library
const unprintable = new Set(
  Object.values(allTables).flatMap((table) =>
    Object.entries(table.columns)
      .filter(([, { type }]) => type === 'timestamp' || type === 'double')
      .map(([name]) => name),
  ),
)

beforeAll(async () => {
  opened = await openCaseLake()
  mkdirSync(join(opened.lake, 'runs'))
  library = await openLibrary(opened.engine, allTables, loadViews())
})
afterAll(() => opened.close())

describe.each(loadControls())('$id', (control) => {
  it('is portable, short, and reads what its header says', async () => {
    const statements = statementsOf(control)
    const given = new Set(statements.map(([name]) => name))
    const reads: string[] = []
    for (const [, sql] of statements) {
      const inspection = await inspectSql(opened.engine, sql, unprintable)
      expect(inspection.problems).toEqual([])
      reads.push(...inspection.reads)
    }
    expect(control.sql.split('\n').length).toBeLessThanOrEqual(60)
    const tables = closure(library, reads, given).tables.filter((name) => !(name in runTables))
    const said = [...control.subject, ...control.evidence.map(({ table }) => table)]
    expect(tables).toEqual(said.sort())
  })
})

const others = ['coverage', 'examples', 'report'].flatMap((folder) =>
  readdirSync(join(queriesFolder, folder)).map((file) => `${folder}/${file}`),
)
it.each(['wrapper.sql', 'waived.sql', 'scores/scores.sql', ...others])(
  '%s is portable',
  async (file) => {
    const sql = readFileSync(join(queriesFolder, file), 'utf8')
    expect((await inspectSql(opened.engine, sql, unprintable)).problems).toEqual([])
  },
)

it.each([
  ['select a / b from t', 'divides without cast(… as double)'],
  ['select concat(a, b) from t', 'uses the function concat'],
  ['select a - to_days(b) from t', 'uses the function to_days'],
  ['select greatest(a, 1) from t', 'uses greatest without coalesce'],
  ["select split_part(a, '/', 2) from t", 'uses split_part without coalesce or nullif'],
  ['select a from t where b < current_timestamp', 'clock current_timestamp|function'],
  ["select regexp_matches(a, 'x') from t", 'uses the function regexp_matches'],
  ['select cast(observed_at as varchar) from t', 'casts a timestamp or double to varchar'],
  ["select * from read_parquet('x')", 'uses'],
  ['select * from lake.t', 'names a schema'],
  ['select [1]', 'uses'],
  ['selec 1', 'does not parse'],
])('refuses %s', async (sql, problem) => {
  const { problems } = await inspectSql(opened.engine, sql, unprintable)
  expect(problems.join('; ')).toMatch(new RegExp(problem.replace(/[()]/g, '\\$&')))
})

it.each([
  ['-- title: x\n-- colour: red\nselect 1', 'x.sql:2: colour'],
  ['-- title: x\n-- title: y\nselect 1', 'x.sql:2: title is given twice'],
  ['-- title: x\n-- severity: dire\nselect 1', 'x.sql:'],
])('refuses the header %j', (text, message) => {
  expect(() => parseControl('x.sql', text)).toThrow(message)
})

it.each(["20261123T074500Z-4f9c21' or 1=1", 'x', ''])('refuses the run id %j', (runId) => {
  expect(() => checkRunId(runId)).toThrow('not a run id')
})
