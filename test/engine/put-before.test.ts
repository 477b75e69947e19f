import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import type { Engine } from '../../lib/engine/engine.ts'
import { putBefore } from '../../lib/engine/put-before.ts'
import { openLibrary, renderForRun } from '../../lib/engine/render.ts'
import { temporaryFolder } from '../support/simulated.ts'

const RUN = '20261123T080000Z-abcdef'

let engine: Engine

beforeAll(async () => {
  engine = await openDuckdb({ lake: await temporaryFolder(), tables: {} })
})

afterAll(() => engine.close())

describe('CTEs put before a query', () => {
  const ours: [string, string][] = [['t', 'select 2 as n union all select 1']]

  test.each([
    ['select n from t order by n', 'with t as (\nselect 2 as n union all select 1\n)\nselect'],
    ['with u as (select n from t) select n from u order by n', 'with t as ('],
    ['-- why\n/* and how */ WITH u AS (select n from t) select n from u order by n', '-- why\n'],
    [
      'with recursive u as (select 1 as n union all select n + 1 from u where n < 2) select n from u order by n',
      'with recursive t as (',
    ],
    ["select n from t where 'with u as' <> '' order by n", 'with t as ('],
  ])('%s', async (query, start) => {
    const sql = putBefore(ours, query)
    expect(sql.startsWith(start)).toBe(true)
    // What orders the rows is the outermost query's own.
    expect(sql.endsWith('order by n')).toBe(true)
    expect((await engine.query(sql)).rows).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('none leave the query as it is', () => {
    expect(putBefore([], 'select 1')).toBe('select 1')
  })

  test('two of one name are refused', async () => {
    await expect(
      engine.query(putBefore(ours, 'with t as (select 3 as n) select n from t')),
    ).rejects.toThrow(/Duplicate CTE name/)
  })
})

test.each([
  'create table made as select 1 as n',
  'select 1 as n; create table made as select 1 as n',
  "copy (select 1 as n) to 'made.csv'",
])('what is no query is refused: %s', async (sql) => {
  const library = await openLibrary(engine, {}, {})
  const rendered = await renderForRun(engine, library, RUN, sql)
  await expect(engine.query(rendered)).rejects.toThrow(/Parser Error/)
})
