import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runEstimate } from '../../lib/cli/estimate.ts'
import type { Output } from '../../lib/cli/output.ts'
import { runQuery } from '../../lib/cli/query.ts'
import { type Check, examine } from '../../lib/doctor.ts'
import { estimate, type Workload } from '../../lib/estimate.ts'
import list from '../../lib/prices.json' with { type: 'json' }
import { prices, total } from '../../lib/prices.ts'
import { NOW, type SimulatedOrganization, simulate, temporaryFolder } from '../support/simulated.ts'

describe('doctor', () => {
  let simulated: SimulatedOrganization
  beforeAll(async () => {
    simulated = await simulate({ accounts: 14, regions: 5 })
  })
  afterAll(() => simulated.close())

  async function checksOf(config = simulated.config, sample = 50): Promise<Check[]> {
    const { credentials } = simulated.organization
    const { url: endpoint } = simulated.simulator
    const aws = { credentials, endpoint, homeRegion: 'us-east-1', budgetShare: 1, clock: () => NOW }
    return examine({ config, aws, sample })
  }

  test('says of each account whether its role can be assumed', async () => {
    const checks = await checksOf()
    expect(checks[0]).toMatchObject({ status: 'ok', what: 'the organization can be listed' })
    const roles = checks.filter(({ what }) => what.includes('can be assumed'))
    expect(new Set(roles.map(({ status }) => status))).toEqual(new Set(['ok', 'failed']))
    expect(roles.find(({ status }) => status === 'failed')?.detail).toContain('StackSet')
  })

  test('what cannot be found out is not said to be right', async () => {
    const checks = await checksOf()
    const versions = checks.filter(({ what }) => what.includes('of this version'))
    expect(versions.length).toBeGreaterThan(0)
    expect(versions.filter(({ status }) => status === 'ok')).toEqual([])
  })

  test('enters no more accounts than it was asked to', async () => {
    const roles = (await checksOf(simulated.config, 3)).filter(({ what }) =>
      what.includes('assumed'),
    )
    expect(roles).toHaveLength(3)
  })

  test('tells credentials of another account, and of another organization', async () => {
    const deployment = { account: '999999999999', organization_id: 'o-zzzzzzzzzz' }
    const checks = await checksOf({ ...simulated.config, deployment } as never, 1)
    const failed = checks.filter(({ status }) => status === 'failed').map(({ what }) => what)
    expect(failed).toEqual(expect.arrayContaining(['the audit account', 'the organization']))
  })
})

const work: Workload = {
  accounts: 1000,
  regions: 17,
  collectors: 25,
  tables: 60,
  controls: 40,
  rowsPerCell: 100,
  changedFindings: 5,
  runsPerMonth: 30,
  workers: 100,
  monthsKept: 12,
}

describe('estimate', () => {
  test('grows with what it is asked of, and names a limit', () => {
    const cost = prices.parse({})
    const small = estimate(work, cost)
    const large = estimate({ ...work, accounts: 10_000 }, cost)
    expect(small.slices).toBe(1000 * 17 * 25)
    expect(large.calls).toBe(10 * small.calls)
    expect(large.minutes.collect).toBeGreaterThan(9 * small.minutes.collect)
    expect(large.binds).toContain('Security Hub: 10,000')
  })

  test('says where each list price is from, and what a run costs by its parts', async () => {
    for (const [name, { page, standing, ...price }] of Object.entries(list.prices)) {
      expect(page, name).toMatch(/^https:\/\/aws\.amazon\.com\//)
      expect(['confirmed', 'quoted', 'unverified'], name).toContain(standing)
      // A figure that nobody was seen to name is not said to be known.
      expect('seen' in price, name).toBe(standing !== 'unverified')
    }
    const { runDollars, thousandCells, dollars } = estimate(work, prices.parse({}))
    expect(total(runDollars) / 17).toBeCloseTo(thousandCells)
    expect(dollars.Lambda).toBeCloseTo(30 * (runDollars.Lambda ?? 0))
    const free = Object.fromEntries(Object.keys(list.prices).map((name) => [name, 0]))
    expect(total(estimate(work, prices.parse(free)).dollars)).toBe(0)
  })

  test('takes other prices from a file, and refuses what is none', async () => {
    const printed: string[] = []
    const output = { print: (text: string) => void printed.push(text) } as unknown as Output
    const file = join(await temporaryFolder(), 'prices.yaml')
    writeFileSync(file, 'athena_tb: 50\n')
    const dear = { ...work, prices: file, json: true }
    await runEstimate(dear, output)
    await runEstimate({ ...work, json: true }, output)
    const [first = 0, second = 0] = printed.map((text) => JSON.parse(text).dollars.Athena)
    expect(first / second).toBeCloseTo(10)
    await runEstimate({ ...work, json: false }, output)
    expect(printed[2]).toContain('the limit that binds')
    writeFileSync(file, 'athena: 50\n')
    await expect(runEstimate(dear, output)).rejects.toThrow('cannot use the prices')
  })
})

test('the deployed lake cannot be asked without a deployment', async () => {
  const flags = { query: 'select 1', lake: '', format: 'json', engine: 'athena' } as const
  const asked = runQuery(flags, {} as Output, { input: process.stdin })
  await expect(asked).rejects.toThrow('needs a --config with a deployment')
})
