import { z } from 'zod'
import { SLICES_AT_ONCE } from './collect/slices-at-once.ts'

/** List prices of us-east-1 in dollars, as far as they could be found; every one may be replaced (`--prices`). */
export const prices = z.strictObject({
  lambda_gb_second: z.number().default(0.0000133334).describe('Lambda on arm64'),
  lambda_million_requests: z.number().default(0.2),
  transitions_thousand: z.number().default(0.025).describe('Step Functions, Standard'),
  s3_put_thousand: z.number().default(0.005),
  s3_get_thousand: z.number().default(0.0004),
  s3_gb_month: z.number().default(0.023),
  athena_tb: z.number().default(5),
  athena_least_bytes: z.number().default(10_000_000).describe('Athena bills no query below this'),
  kms_ten_thousand: z.number().default(0.03),
  kms_key_month: z.number().default(1),
  logs_gb: z.number().default(0.5),
  finding: z.number().default(0.00003).describe('Security Hub, beyond the free ones'),
  free_findings: z.number().default(10_000).describe('of each account and Region in a month'),
})
export type Prices = z.output<typeof prices>

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
  /** Accounts that are read at once, and a worker's memory. */
  workers: number
  memoryMb: number
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
  bytesPerRow: 60,
  tablesPerQuery: 6,
  logBytesPerInvocation: 1_500,
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
  // A child: started, its task, ended. A query: attempt, unload, register besides. A view: attempt and run.
  const transitions = 40 + units * 2 + work.accounts * 2 + queries * 5 + work.tables * 4
  const lambdaSeconds = unitSeconds * units + work.accounts * 2 + 300
  const put = units * (work.tables * 0.7 + 2) + work.accounts * 4 + queries * 4
  const get = units * 4 + work.accounts * work.tables + queries * A.tablesPerQuery * 4
  const stored = cells * work.rowsPerCell * A.bytesPerRow
  const scanned = Math.max(stored * 3, queries * cost.athena_least_bytes)
  const collect = (Math.ceil(units / work.workers) * unitSeconds) / 60
  const judge = (Math.ceil(queries / A.queriesAtOnce) * A.secondsPerQuery + 240) / 60
  const findings = cells * work.changedFindings
  const toldHubs = Math.min(cells, findings)
  const publish = (toldHubs * 2) / A.hubsPerSecond / 60
  const runs = work.runsPerMonth
  const paidFindings = Math.max(0, work.changedFindings * runs - cost.free_findings) * cells
  const requests = { put, get, kms: (put + get) / 10 }
  const logs = (units + work.accounts) * A.logBytesPerInvocation
  const dollars = {
    Lambda:
      runs *
      (lambdaSeconds * (work.memoryMb / 1024) * cost.lambda_gb_second +
        (units / 1e6) * cost.lambda_million_requests),
    'Step Functions': runs * (transitions / 1000) * cost.transitions_thousand,
    'S3 requests':
      runs * ((put / 1000) * cost.s3_put_thousand + (get / 1000) * cost.s3_get_thousand),
    'S3 storage': (stored / 1e9) * cost.s3_gb_month * runs * work.monthsKept,
    Athena: runs * (scanned / 1e12) * cost.athena_tb,
    KMS: 2 * cost.kms_key_month + runs * (requests.kms / 10_000) * cost.kms_ten_thousand,
    Logs: runs * (logs / 1e9) * cost.logs_gb,
    'Security Hub': paidFindings * cost.finding,
  }
  return {
    units,
    slices,
    calls,
    transitions,
    lambdaSeconds,
    requests,
    bytes: { stored, scanned, logs },
    findings,
    minutes: {
      collect,
      judge,
      publish,
      all: collect + judge + publish + work.accounts / 20 / 8 / 60,
    },
    binds: bindingLimit(work, unitSeconds),
    dollars,
  }
}

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
