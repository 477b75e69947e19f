import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chosenRun } from '../../lib/cli/newest-run.ts'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import { literal } from '../../lib/engine/engine.ts'
import { findingsOf, simulate, temporaryFolder } from '../support/simulated.ts'

test('a name that is SQL asks for nothing', async () => {
  const engine = await openDuckdb({ lake: await temporaryFolder(), tables: {} })
  const hostile = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom("'", "''", "\\'", "' or 1 = 1 --", "'; drop table t; --", '$$', 'a\nb'),
  )
  const names = fc.array(hostile, { minLength: 50, maxLength: 50 })
  try {
    await fc.assert(
      fc.asyncProperty(names, async (given) => {
        const { rows } = await engine.query(
          `select * from (values ${given.map((name, n) => `(${n}, ${literal(name)})`).join(', ')}) as t(n, name) order by n`,
        )
        expect(rows.map(({ name }) => name)).toEqual(given)
      }),
      { numRuns: 20 },
    )
  } finally {
    engine.close()
  }
})

test('a lake may lie in a folder whose name is SQL', async () => {
  const lake = join(await temporaryFolder(), "o'clock'; select 1 --")
  await mkdir(lake)
  const simulated = await simulate({ accounts: 2, regions: 2, story: false }, { services: ['ec2'] })
  try {
    const { run_id } = await simulated.audit({ lake, config: simulated.config })
    expect((await findingsOf(lake, run_id)).length).toBeGreaterThan(0)
    await expect(chosenRun({ lake, run: `${run_id}' or '1' = '1` })).rejects.toThrow(
      'there is no complete run',
    )
  } finally {
    await simulated.close()
  }
})
