import { SLICES_AT_ONCE } from './collect/slices-at-once.ts'
import { type Billed, dollarsOf, type Prices, total } from './prices.ts'
import { SIZES } from './stack/sizes.ts'
import type { Step } from './stack/steps.ts'

/** What an estimate rests on. */
export interface Workload {
  accounts: number
  regions: number
  /** Collectors of cells, of accounts, tables that they fill, and controls: what this version has. */
  collectors: number
  tables: number
  controls: number
  /** Rows that a cell yields in all tables together. */
  rowsPerCell: number
  /** Findings that change between two runs, of each account and Region. */
  changedFindings: number
  runsPerMonth: number
  /** Accounts that are read at once. */
  workers: number
  /** Months that runs are kept. */
  monthsKept: number
}

/** What was measured or assumed; each can be argued about. */
export const ASSUMPTIONS = {
  /** API calls of one collector in one cell that holds little. */
  callsPerSlice: 2.5,
  secondsPerCall: 0.12,
  /** Share of a cell's calls that go to EC2: 7 of 53 in an empty one (`npm run bench calls`), 24 of 220 in a full one. */
  ec2Share: 0.14,
  /** Share of units that need another pass. */
  secondPass: 0.05,
  /** What `npm run bench cost` counted of a cell with some 90 rows: reports and findings by the row, what was answered by the cell. */
  bytesPerRow: 350,
  bytesPerCell: 13_000,
  /** Statements, the page of the report and its libraries. */
  bytesPerRun: 2_000_000,
  /** All statements together read a row so often. */
  bytesScannedPerRow: 500,
  /** Of the tables: those that an account fills, and those that are derived of it. */
  tablesFilled: 0.45,
  tablesDerived: 0.35,
  /** Objects that Athena reads for a statement, ranges of one included, and writes. */
  getsPerQuery: 24,
  putsPerQuery: 4,
  logBytesPerInvocation: 1_500,
  logBytesPerTransition: 1_000,
  /** Requests of S3 for one of KMS: the bucket has a key of its own, which it keeps for a while. */
  requestsPerKey: 10,
  secondsToDerive: 1,
  /** Of the steps that run once. */
  secondsOnce: { discover: 10, reconcile: 30, compact: 60, 'render-queries': 20, report: 180 },
  /** Seconds until a query has answered, and how many run at once. */
  secondsPerQuery: 6,
  queriesAtOnce: 10,
  /** Hubs that one function asks, or tells, in a second: each is a connection of its own. Not measured against AWS. */
  hubsPerSecond: 100,
} as const

export interface Estimate {
  units: number
  slices: number
  calls: number
  transitions: number
  lambdaSeconds: number
  requests: { put: number; get: number; kms: number }
  bytes: { stored: number; scanned: number; logs: number }
  findings: number
  minutes: { collect: number; judge: number; publish: number; all: number }
  /** Which limit would be met first if more were asked of it, and what it is. */
  binds: string
  /** Of one run, and of a thousand of its cells. */
  runDollars: Record<string, number>
  thousandCells: number
  /** Of the runs of a month. */
  dollars: Record<string, number>
}

/** What one run takes, and what the runs of a month cost. */
export function estimate(work: Workload, cost: Prices): Estimate {
  const A = ASSUMPTIONS
  const cells = work.accounts * work.regions
  const slices = cells * work.collectors
  // One more asks what is asked once for the whole organization.
  const units = Math.ceil(work.accounts * (1 + A.secondPass)) + 1
  const calls = slices * A.callsPerSlice
  const unitSeconds = (calls / work.accounts) * (A.secondsPerCall / SLICES_AT_ONCE)
  const queries = work.tables + work.controls + 3
  const views = work.tables
  const accounts = work.accounts
  const transitions = transitionsOf({ units, accounts, queries, views, passes: 2 })
  const seconds: Partial<Record<Step, number>> = {
    ...A.secondsOnce,
    collect: unitSeconds * units,
    derive: A.secondsToDerive * accounts,
  }
  const put =
    units * (work.tables * A.tablesFilled + 2) +
    accounts * work.tables * A.tablesDerived +
    queries * A.putsPerQuery
  const get = units * 4 + accounts * work.tables * A.tablesDerived + queries * A.getsPerQuery
  const rows = cells * work.rowsPerCell
  const stored = A.bytesPerRun + cells * A.bytesPerCell + rows * A.bytesPerRow
  const scanned = rows * A.bytesScannedPerRow + queries * cost.athena_least_bytes
  const collect = (Math.ceil(units / work.workers) * unitSeconds) / 60
  const judge = (Math.ceil(queries / A.queriesAtOnce) * A.secondsPerQuery + 240) / 60
  const findings = cells * work.changedFindings
  const toldHubs = Math.min(cells, findings)
  const publish = (toldHubs * 2) / A.hubsPerSecond / 60
  const runs = work.runsPerMonth
  const paidFindings = Math.max(0, work.changedFindings * runs - cost.free_findings) * cells
  const invocations = units + accounts + Object.keys(A.secondsOnce).length
  const billed: Billed = {
    gbSeconds: gbSecondsOf(seconds),
    ...{ invocations, transitions, put, get, scanned, stored },
    kms: (put + get) / A.requestsPerKey,
    monthsKept: work.monthsKept,
    logs: invocations * A.logBytesPerInvocation + transitions * A.logBytesPerTransition,
    paidFindings: paidFindings / runs,
  }
  const ofRun = dollarsOf(billed, cost)
  const ofMonth = Object.entries(ofRun).map(([name, amount]) => [name, runs * amount])
  return {
    units,
    slices,
    calls,
    transitions,
    lambdaSeconds: Object.values(seconds).reduce((sum, one) => sum + one, 0),
    requests: { put, get, kms: billed.kms },
    bytes: { stored, scanned, logs: billed.logs },
    findings,
    minutes: {
      collect,
      judge,
      publish,
      all: collect + judge + publish + work.accounts / 20 / 8 / 60,
    },
    binds: bindingLimit(work, unitSeconds),
    runDollars: ofRun,
    thousandCells: (total(ofRun) / cells) * 1000,
    dollars: { ...Object.fromEntries(ofMonth), 'KMS keys': KEYS * cost.kms_key_month },
  }
}

/** Of the lake, and of the topic that tells of alarms. */
const KEYS = 2

/** GB-seconds of the functions, at the memory that each is deployed with. */
export function gbSecondsOf(seconds: Partial<Record<Step, number>>): number {
  return Object.entries(seconds).reduce(
    (sum, [step, one]) => sum + one * (SIZES[step as Step].memory / 1024),
    0,
  )
}

/** What a run sends through the state machine. */
export interface Executed {
  units: number
  accounts: number
  /** Statements that write and then register, and those that replace a view. */
  queries: number
  views: number
  passes: number
}

/**
 * State transitions of a run that nothing fails: each state that is entered, and the start and the end of each execution. Children of a
 * Map are executions: one state to collect or derive an account, three for a statement that writes, two for a view.
 */
export function transitionsOf({ units, accounts, queries, views, passes }: Executed): number {
  const startAndEnd = 2
  const children =
    units * (STATES.account + startAndEnd) +
    accounts * (STATES.account + startAndEnd) +
    queries * (STATES.query + startAndEnd) +
    views * (STATES.view + startAndEnd)
  return STATES.run + passes * STATES.pass + startAndEnd + children
}

/** States that an execution enters on its way: a run besides its passes, a pass, and the children. */
export const STATES = { run: 16, pass: 3, account: 1, query: 3, view: 2 } as const

/** Quotas by the share of them that a run uses; the highest binds. */
function bindingLimit(work: Workload, unitSeconds: number): string {
  const callsPerSecond = (work.regions * work.collectors * ASSUMPTIONS.callsPerSlice) / unitSeconds
  const shares: [string, number][] = [
    ['Lambda: 1,000 concurrent executions of the account', (2 * work.workers + 114) / 1000],
    ['Lambda: 15 minutes for one account', unitSeconds / 900],
    ['STS: 600 AssumeRole a second', work.workers / unitSeconds / 600],
    ['Step Functions: 800 transitions a second', (work.workers / unitSeconds) * (3 / 800)],
    [
      'EC2: 20 calls a second in one account and Region',
      (callsPerSecond * ASSUMPTIONS.ec2Share) / work.regions / 20,
    ],
    ['Security Hub: 10,000 member accounts of one administrator', work.accounts / 10_000],
  ]
  const [name, share] = shares.reduce((most, next) => (next[1] > most[1] ? next : most))
  return `${name} (${Math.round(share * 100)} % of it)`
}
