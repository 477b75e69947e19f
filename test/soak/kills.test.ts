import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { killAndResume, type Undisturbed, undisturbed } from './kills.ts'

const soak = process.env.npm_lifecycle_event === 'test:soak'
/** `SOAK_SEEDS` takes more or fewer. */
const SEEDS = Number(process.env.SOAK_SEEDS ?? (soak ? 100 : 10))

describe('an audit that is killed and goes on finds what an undisturbed one finds', () => {
  let quiet: Undisturbed
  let kills = 0
  beforeAll(async () => {
    quiet = await undisturbed()
  })
  afterAll(() => Promise.all([quiet.simulated.close(), quiet.stormy.close()]))

  test('there is much to be interrupted', () => {
    expect(quiet.moments).toBeGreaterThan(100)
    expect(quiet.findings.length).toBeGreaterThan(20)
  })

  test.each(Array.from({ length: SEEDS }, (_, seed) => seed))('seed %d', async (seed) => {
    kills += await killAndResume(seed, quiet)
  })

  test('most were killed indeed', () => {
    expect(kills).toBeGreaterThan(SEEDS * 0.8)
    if (SEEDS > 1) expect(quiet.stormy.simulator.strikes()).toBeGreaterThan(SEEDS)
  })
})
