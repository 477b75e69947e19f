import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeParquet } from '../../lib/lake/parquet.ts'
import { readParquet } from '../../lib/lake/read-parquet.ts'
import { loadTables } from '../../lib/sources.ts'
import { simulate, temporaryFolder } from '../support/simulated.ts'

test('a staged file that can be read and has lost its rows is refused by its name', async () => {
  const simulated = await simulate({ accounts: 3, regions: 1 }, {})
  try {
    const lake = await temporaryFolder()
    const { run_id } = await simulated.audit({ lake })
    const [object = ''] = globSync(join(lake, 'staging', run_id, 'recovery_points', '*.parquet'))
    const rows = await readParquet(object)
    expect(rows.length).toBeGreaterThan(1)
    const { recovery_points: table } = await loadTables()
    if (!table) throw new Error('there is no table recovery_points')
    await writeParquet(table, object, rows.slice(1))
    await expect(simulated.audit({ lake, resume: run_id })).rejects.toThrow(
      `cannot read ${object}: it holds ${rows.length - 1} of the ${rows.length} rows written`,
    )
  } finally {
    await simulated.close()
  }
})
