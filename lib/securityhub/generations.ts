import type { Counters } from '../aws/meter.ts'
import type { Lake } from '../lake/lake.ts'
import type { Run } from '../run.ts'
import { UsageError } from '../usage-error.ts'

/** A publication that ended: from then on its `hub_state` is what the hubs hold. */
export interface Generation {
  generation: number
  attempt: number
  run_id: string
  as_of: string
  finished_at: string
  /** What it took; pointers of earlier versions do not say. */
  counters?: Counters
}

/** An attempt at the next publication. */
export interface Claim {
  generation: number
  attempt: number
  /** Nothing may be sent after it: somebody else may have begun. */
  until: Date
  before: Generation | undefined
  /** Attempts at the same publication that did not end: what they set out to send may have arrived. */
  unended: { run_id: string; attempt: number }[]
}

interface ClaimFile {
  run_id: string
  until: string
}

const POINTERS = 'hub_state/generations'
const CLAIMS = 'hub_state/claims'
/** Longer than any publication takes; a worker that was killed blocks others, not its own run, for so long. */
const LEASE_MS = 60 * 60 * 1000

/** The publication that ended last. */
export async function currentGeneration(lake: Lake): Promise<Generation | undefined> {
  const last = (await lake.list(POINTERS)).at(-1)
  return last === undefined ? undefined : JSON.parse(await lake.read(last))
}

/** The publications of a run that ended, oldest first: they follow one another, for no later run is published in between. */
export async function generationsOf(lake: Lake, runId: string): Promise<Generation[]> {
  const own: Generation[] = []
  for (const name of (await lake.list(POINTERS)).reverse()) {
    const generation: Generation = JSON.parse(await lake.read(name))
    if (generation.run_id !== runId) break
    own.unshift(generation)
  }
  return own
}

/**
 * Begins the next publication. Two at once are excluded: the claim is one object, written only where none is.
 * @throws UsageError where another run is being published, or a later one was
 */
export async function claimGeneration(lake: Lake, run: Run, now: Date): Promise<Claim> {
  for (;;) {
    const before = await currentGeneration(lake)
    if (before && before.as_of > run.as_of) {
      throw new UsageError(
        `cannot publish ${run.run_id}: the later run ${before.run_id} was published already`,
      )
    }
    const generation = (before?.generation ?? 0) + 1
    const unended = await claimsOf(lake, generation)
    const rival = unended.find(
      ({ run_id, until }) => run_id !== run.run_id && Date.parse(until) > now.getTime(),
    )
    if (rival) {
      throw new UsageError(
        `the run ${rival.run_id} is being published; wait for it, or until ${rival.until}`,
      )
    }
    const attempt = unended.length + 1
    const until = new Date(now.getTime() + LEASE_MS)
    const claim: ClaimFile = { run_id: run.run_id, until: until.toISOString() }
    const name = `${CLAIMS}/${numbered(generation)}-${numbered(attempt)}.json`
    if (await lake.createIfAbsent(name, `${JSON.stringify(claim)}\n`)) {
      return { generation, attempt, until, before, unended }
    }
  }
}

/**
 * Ends a publication: the one pointer, which only the first to come can write.
 * @throws UsageError where another publication ended first
 */
export async function endGeneration(
  lake: Lake,
  run: Run,
  claim: Claim,
  { now, counters }: { now: Date; counters: Counters },
): Promise<void> {
  const pointer: Generation = {
    generation: claim.generation,
    attempt: claim.attempt,
    run_id: run.run_id,
    as_of: run.as_of,
    finished_at: now.toISOString(),
    counters,
  }
  const name = `${POINTERS}/${numbered(claim.generation)}.json`
  if (await lake.createIfAbsent(name, `${JSON.stringify(pointer)}\n`)) return
  throw new UsageError(
    `another publication ended while ${run.run_id} was being published; publish again`,
  )
}

async function claimsOf(lake: Lake, generation: number) {
  const names = await lake.list(CLAIMS)
  const own = names.filter((name) => name.startsWith(`${CLAIMS}/${numbered(generation)}-`))
  const claims: (ClaimFile & { attempt: number })[] = []
  for (const [index, name] of own.entries()) {
    claims.push({ ...JSON.parse(await lake.read(name)), attempt: index + 1 })
  }
  return claims
}

function numbered(number: number): string {
  return String(number).padStart(6, '0')
}
