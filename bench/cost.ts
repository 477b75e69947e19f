import { loadConfig } from '../lib/config/load.ts'
import { ASSUMPTIONS, gbSecondsOf, transitionsOf } from '../lib/estimate.ts'
import { type Billed, dollarsOf, pricedIn, pricedOn, prices, total } from '../lib/prices.ts'
import type { Step } from '../lib/stack/steps.ts'
import { type CountedRun, countRun } from './cost-run.ts'
import { round } from './round.ts'
import { startSimulatorChild } from './simulator-child.ts'

export interface CostSize {
  /** Accounts of a small and of a larger organization: what differs is what an account costs. */
  accounts: [number, number]
  regions: number
  /** Added to every answer of AWS: a function is paid while it waits. */
  latencyMs: number
  monthsKept: number
}

/** One of the two organizations, counted. */
interface Counted extends CountedRun {
  accounts: number
  cells: number
}

const CELLS = 1000

/**
 * What a run costs in AWS: counted for two sizes of an organization, of which a straight line is drawn to a thousand cells, with its
 * statements one by one, since Athena bills none below its least.
 */
export async function costOfRuns(size: CostSize) {
  const [small, large] = [await counted(size, 0), await counted(size, 1)]
  const cost = prices.parse({})
  const at = (of: (run: Counted) => number) => alongLine(small, large, of)
  const billed = billedFor(at, {
    small,
    large,
    monthsKept: size.monthsKept,
    least: cost.athena_least_bytes,
  })
  const dollars = dollarsOf(billed, cost)
  return {
    regions: size.regions,
    latency_ms: size.latencyMs,
    counted: [small, large].map(described),
    priced: { region: pricedIn, on: pricedOn },
    per_1000_cells: {
      ...Object.fromEntries(
        Object.entries(billed).map(([name, value]) => [name, Math.round(value)]),
      ),
      dollars: Object.fromEntries(
        Object.entries(dollars).map(([name, amount]) => [name, tenThousandth(amount)]),
      ),
      dollars_in_all: tenThousandth(total(dollars)),
    },
  }
}

type At = (of: (run: Counted) => number) => number

/** At a thousand cells, by what two sizes had; never less than the smaller had. */
function alongLine(small: Counted, large: Counted, of: (run: Counted) => number): number {
  const slope = (of(large) - of(small)) / (large.cells - small.cells)
  return of(small) + Math.max(0, slope) * (CELLS - small.cells)
}

interface Priced {
  small: Counted
  large: Counted
  monthsKept: number
  /** Bytes below which no query is billed. */
  least: number
}

function billedFor(at: At, { small, large, monthsKept, least }: Priced): Billed {
  const steps = Object.keys(large.steps) as Step[]
  const ofSteps = (of: 'put' | 'get' | 'invocations') =>
    steps.reduce((sum, step) => sum + at((run) => run.steps[step]?.[of] ?? 0), 0)
  const { reading, free } = large.statements
  const queries = reading.length
  const scanned = reading.map(({ bytes }, index) => {
    const before = small.statements.reading[index]?.bytes ?? 0
    const slope = Math.max(0, bytes - before) / (large.cells - small.cells)
    return Math.max(least, bytes + slope * (CELLS - large.cells))
  })
  const invocations = ofSteps('invocations')
  const transitions = transitionsOf({
    units: at((run) => run.steps.collect?.invocations ?? 0),
    accounts: at((run) => run.steps.derive?.invocations ?? 0),
    queries,
    views: free - queries,
    passes: large.steps.reconcile?.invocations ?? 1,
  })
  const put = ofSteps('put') + queries * ASSUMPTIONS.putsPerQuery
  const get = ofSteps('get') + queries * ASSUMPTIONS.getsPerQuery
  return {
    gbSeconds: gbSecondsOf(
      Object.fromEntries(steps.map((step) => [step, at((run) => run.steps[step]?.seconds ?? 0)])),
    ),
    ...{ invocations, transitions, put, get, monthsKept },
    kms: (put + get) / ASSUMPTIONS.requestsPerKey,
    scanned: scanned.reduce((sum, bytes) => sum + bytes, 0),
    stored: at((run) => sumOf(run.stored)),
    logs:
      invocations * ASSUMPTIONS.logBytesPerInvocation +
      transitions * ASSUMPTIONS.logBytesPerTransition,
    // Some changes a day stay far below what is free.
    paidFindings: 0,
  }
}

async function counted(size: CostSize, index: 0 | 1): Promise<Counted> {
  const { regions, latencyMs } = size
  const accounts = size.accounts[index]
  const simulator = await startSimulatorChild({
    ...{ accounts, regions, latencyMs },
    recoveryPointsPerVault: 10,
    busyRegions: 1,
  })
  try {
    const { credentials, url: endpoint, homeRegion, roleName, externalId } = simulator
    const config = await loadConfig(undefined, { role_name: roleName, external_id: externalId })
    const aws = {
      ...{ credentials, endpoint, homeRegion },
      budgetShare: config.budget_share,
      clock: () => new Date(),
    }
    const run = await countRun({ config, aws, atOnce: 2 })
    return { ...run, accounts, cells: accounts * regions }
  } finally {
    simulator.kill()
  }
}

function described({ accounts, cells, steps, stored, statements, slices, calls, rows }: Counted) {
  const entries = Object.entries(steps)
  const sum = (of: 'put' | 'get' | 'invocations' | 'seconds') =>
    entries.reduce((all, [, step]) => all + step[of], 0)
  return {
    ...{ accounts, cells, slices, calls, rows },
    puts: sum('put'),
    gets: sum('get'),
    invocations: sum('invocations'),
    seconds: Object.fromEntries(entries.map(([step, { seconds }]) => [step, round(seconds)])),
    stored_mb: Object.fromEntries(
      Object.entries(stored).map(([folder, bytes]) => [folder, round(bytes / 1e6)]),
    ),
    statements_reading: statements.reading.length,
    statements_free: statements.free,
    named_mb: round(statements.reading.reduce((all, { bytes }) => all + bytes, 0) / 1e6),
  }
}

function sumOf(numbers: Record<string, number>): number {
  return Object.values(numbers).reduce((sum, one) => sum + one, 0)
}

function tenThousandth(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
