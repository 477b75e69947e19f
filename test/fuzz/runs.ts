import { readFileSync } from 'node:fs'

/**
 * How many tries a property gets, and which. An ordinary run makes the same ones every time; a long session, of as many times that as
 * `STRONGROOM_FUZZ_RUNS` says, makes others. What one finds is kept as a case.
 */
export function runs(usual: number): { numRuns: number; seed?: number } {
  const times = process.env.STRONGROOM_FUZZ_RUNS
  return times === undefined ? { numRuns: usual, seed: 1 } : { numRuns: usual * Number(times) }
}

/** What once failed, of `cases/<name>.json`: it is tried before all else. */
export function keptCases<T>(name: string): T[] {
  return JSON.parse(readFileSync(new URL(`cases/${name}.json`, import.meta.url), 'utf8'))
}
