import { readdirSync } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runDiff } from '../../lib/cli/compare.ts'
import type { Output } from '../../lib/cli/output.ts'
import { runQuery } from '../../lib/cli/query.ts'
import { runReport } from '../../lib/cli/report.ts'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import { inventoryPath } from '../../lib/lake/compact.ts'
import { loadSources } from '../../lib/sources.ts'
import { readPage } from '../support/page.ts'
import {
  findingsOf,
  NOW,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from '../support/simulated.ts'

const SIZE = { accounts: 3, regions: 2, story: false } as const
const EXAMPLES = new URL('../../queries/examples/', import.meta.url).pathname
/** Every table has had these from the first. */
const ALWAYS = ['account_id', 'region', 'observed_at', 'arn', 'name']

/** What an earlier version would have written: each table without its last column, and some not at all. */
async function age(lake: string, runId: string): Promise<string[]> {
  const { all } = await loadSources()
  const tables = new Map([...all.values()].flatMap((source) => Object.entries(source.tables)))
  const engine = await openDuckdb({ lake: await temporaryFolder(), tables: {} })
  const aged: string[] = []
  for (const [n, [name, { columns }]] of [...tables].entries()) {
    const file = inventoryPath(lake, name, runId)
    const last = Object.keys(columns).at(-1) ?? ''
    if (n % 10 === 0) await rm(file)
    else if (!ALWAYS.includes(last)) {
      const older = `${file}.older`
      await engine.query(
        `copy (select * exclude ("${last}") from read_parquet('${file}')) to '${older}' (format parquet)`,
      )
      await rename(older, file)
      aged.push(name)
    }
  }
  engine.close()
  return aged
}

describe('a lake that an earlier version wrote, with fewer columns and tables', () => {
  let stage: SimulatedOrganization
  let lake: string
  let old: string
  let aged: string[]
  let printed = ''
  const output: Output = {
    print: (text) => {
      printed += text
    },
    note: () => undefined,
    interactive: false,
    colour: false,
    width: 100,
  }

  beforeAll(async () => {
    stage = await simulate(SIZE)
    lake = await temporaryFolder()
    old = (await stage.audit({ lake })).run_id
    aged = await age(lake, old)
  })
  afterAll(() => stage.close())

  test('is one that this version has more to say of', () => {
    expect(aged.length).toBeGreaterThan(20)
  })

  test.each(readdirSync(EXAMPLES))('answers the example %s', async (file) => {
    printed = ''
    const query = file.replace('.sql', '')
    const flags = { query, lake, run: old, format: 'json' as const }
    await runQuery(flags, output, { input: process.stdin })
    expect(JSON.parse(printed)).toBeInstanceOf(Array)
  })

  test('has its page written again', async () => {
    const out = join(lake, 'again.html')
    expect(await runReport({ lake, run: old, out }, output)).toBe(0)
    expect((await readPage(out)).data.run.run_id).toBe(old)
  })

  test('takes a new run, which finds all there is and is compared with the old one', async () => {
    const { run_id } = await stage.audit({ lake, clock: () => new Date(NOW.getTime() + 60_000) })
    const key = ({ control_id, status, resource_arn }: Record<string, unknown>) =>
      `${control_id} ${status} ${resource_arn}`
    const found = await findingsOf(lake, run_id)
    expect(found.map((one) => key({ ...one })).sort()).toEqual(
      stage.organization.truth.map((one) => key({ ...one })).sort(),
    )
    printed = ''
    await runDiff({ lake, format: 'json', all: true }, output)
    expect(JSON.parse(printed)).toMatchObject({ earlier: old, later: run_id })
    expect((await readdir(join(lake, 'reports'))).sort()).toEqual([old, run_id].sort())
  })
})
