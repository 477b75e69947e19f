import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { runTrend } from '../../lib/cli/compare.ts'
import { runQuery } from '../../lib/cli/query.ts'
import { runReport } from '../../lib/cli/report.ts'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import { readPage } from '../support/page.ts'
import { askLake, simulate, temporaryFolder } from '../support/simulated.ts'

const ODD = 'Pay"ments <b>\u001b[31m'

let lake: string
let runId: string

beforeAll(async () => {
  lake = await temporaryFolder()
  const simulated = await simulate({ accounts: 5, regions: 1, story: false })
  const { state } = simulated.organization
  state.unitNames = new Map([
    ['ou-ab12-workloads', 'Workloads'],
    ['ou-ab12-prodwork', 'Production'],
    ['ou-ab12-payments', ODD],
    ['ou-ab12-security', 'Security'],
  ])
  const excluded = [...state.accounts.keys()].at(-1) ?? ''
  const config = { ...simulated.config, exclude_accounts: [excluded] }
  runId = (await simulated.audit({ lake, config })).run_id
  const calls = [...simulated.simulator.calls.keys()]
  await simulated.close()
  // The names came with what is asked anyway.
  expect(calls.filter((call) => /OrganizationalUnit/.test(call))).toEqual([])
})

let printed = ''
const output = {
  print: (text: string) => {
    printed += text
  },
  note: () => undefined,
  interactive: false,
  colour: false,
  width: 120,
}

async function unitsOf(scope: { account?: string; ou?: string } = {}) {
  const out = join(await temporaryFolder(), 'page.html')
  await runReport({ lake, run: runId, out, ...scope }, output)
  return (await readPage(out)).data.units
}

test('the page knows the names of the units', async () => {
  expect(await unitsOf()).toEqual({
    'r-ab12': 'Root',
    'ou-ab12-workloads': 'Workloads',
    'ou-ab12-prodwork': 'Production',
    'ou-ab12-payments': ODD,
    'ou-ab12-security': 'Security',
  })
})

test('an owner’s page knows those above the owner, and no others', async () => {
  const units = await unitsOf({ ou: 'ou-ab12-security' })
  expect(units).toEqual({ 'r-ab12': 'Root', 'ou-ab12-security': 'Security' })
})

test('the trend of a unit is headed by its name, made visible', async () => {
  printed = ''
  await runTrend({ lake, ou: 'ou-ab12-payments', format: 'table' }, output)
  expect(printed.split('\n')[0]).toMatch(/^Pay"ments <b>\S+ \(ou-ab12-payments\)$/)
  expect(printed).not.toContain('\u001b')
  printed = ''
  await runTrend({ lake, ou: 'ou-ab12-payments', format: 'csv' }, output)
  expect(printed).toMatch(/^run_id,/)
})

test('the accounts that were not audited stand under a unit with a name', async () => {
  printed = ''
  const flags = { query: 'accounts-not-audited', lake, format: 'json', engine: 'duckdb' } as const
  await runQuery(flags as never, output, { input: process.stdin, prompts: undefined })
  expect(JSON.parse(printed)).toMatchObject([{ ou_name: 'Production' }])
})

test('a run of an earlier version, without the names, has its page with ids', async () => {
  const folder = join(lake, 'inventory/org_policy_targets')
  const names = await readdir(folder, { recursive: true })
  const files = names.filter((name) => name.endsWith('.parquet')).map((name) => join(folder, name))
  expect(files.length).toBeGreaterThan(0)
  const engine = await openDuckdb({ lake: await temporaryFolder(), tables: {} })
  for (const file of files) {
    const older = `${file}.older`
    await engine.query(
      `copy (select * exclude (target_name) from read_parquet('${file}')) to '${older}' (format parquet)`,
    )
    await rename(older, file)
  }
  engine.close()
  const [row] = await askLake(
    lake,
    'select count(*) as n, count(target_name) as named from org_policy_targets',
  )
  expect(Number(row?.n)).toBeGreaterThan(0)
  expect(Number(row?.named)).toBe(0)
  expect(await unitsOf()).toEqual({})
  printed = ''
  await runTrend({ lake, ou: 'ou-ab12-payments', format: 'table' }, output)
  expect(printed).not.toContain('(ou-ab12-payments)')
})
