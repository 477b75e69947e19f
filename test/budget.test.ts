import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Summary } from '../lib/report/summary.ts'
import {
  askLake,
  findingsOf,
  NOW,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from './support/simulated.ts'

/** Controls whose every finding hangs on calls for each resource, none of them on a derivation. */
const controls = [
  's3-buckets-use-approved-keys',
  'dynamodb-tables-use-approved-keys',
  'snapshot-policies-encrypt-their-copies',
]

describe('a budget that is too small for one run', () => {
  let simulated: SimulatedOrganization
  let lake: string
  const summaries: Summary[] = []
  let whole: string[]

  beforeAll(async () => {
    const organization = { accounts: 4, regions: 1 }
    const generous = await simulate(organization, { controls })
    const { lake: other, run_id } = await generous.audit()
    whole = await judged(other, run_id)
    await generous.close()
    await rm(other, { recursive: true, force: true })
    simulated = await simulate(organization, { controls, per_item_calls: 3 })
    lake = await temporaryFolder()
    for (let minute = 0; minute < 4; minute++) {
      const clock = () => new Date(NOW.getTime() + minute * 60_000)
      summaries.push((await simulated.audit({ lake, clock })).summary)
    }
  })
  afterAll(async () => {
    await simulated.close()
    await rm(lake, { recursive: true, force: true })
  })

  it('leaves labelled gaps and unknowns behind, never silence', async () => {
    const [first] = summaries
    expect(first?.unread.map(({ cause }) => cause)).toContain('budget')
    expect(first?.findings.unknown).toBeGreaterThan(0)
    const found = await judged(lake, first?.run_id ?? '')
    // What is said is true: nothing passes or fails that does otherwise when all is read.
    expect(found.filter((line) => !/ unknown /.test(line) && !whole.includes(line))).toEqual([])
    expect(found.length).toBeLessThan(whole.length + (first?.findings.unknown ?? 0))
  })

  it('begins the next run with what it left out, and in the end all is known', async () => {
    const unknown = summaries.map(({ findings }) => findings.unknown)
    expect(unknown.at(-1)).toBe(0)
    expect(unknown).toEqual(unknown.toSorted((a, b) => b - a))
    expect(await judged(lake, summaries.at(-1)?.run_id ?? '')).toEqual(whole)
  })

  it('keeps when each resource was read', async () => {
    const carried = await askLake(
      lake,
      `select distinct observed_at from carried_evidence where run_id = '${summaries.at(-1)?.run_id}'`,
    )
    expect(carried.length).toBeGreaterThan(0)
    for (const { observed_at } of carried)
      expect(Number(observed_at)).toBeLessThan(NOW.getTime() + 180_000)
  })
})

async function judged(lake: string, runId: string): Promise<string[]> {
  const found = await findingsOf(lake, runId)
  return found
    .map(({ control_id, status, resource_arn }) => `${control_id} ${status} ${resource_arn}`)
    .sort()
}
