// `npm run bench` prints what it measures as JSON; `npm run bench -- --small` is a smoke run of some seconds. With a name it measures that.
import { execFile } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const small = process.argv.includes('--small')
/** `npm run bench scale -- --accounts=1000` */
const accounts = Number(/--accounts=(\d+)/.exec(process.argv.join(' '))?.[1]) || undefined
const manyPoints = small ? 20_000 : 1_000_000

// Each is imported when it is measured: what another needs would count as its memory.
const benchmarks = {
  organization: async () =>
    (await import('./audit-organization.ts')).auditOrganization({
      accounts: small ? 3 : 20,
      regions: small ? 5 : 17,
      latencyMs: 20,
      recoveryPointsPerVault: small ? 10 : 50,
    }),
  scale: async () =>
    (await import('./audit-organization.ts')).auditOrganization({
      accounts: accounts ?? (small ? 3 : 200),
      regions: small ? 5 : 17,
      busyRegions: 1,
      latencyMs: 20,
      recoveryPointsPerVault: 10,
    }),
  workers: async () =>
    (await import('./audit-organization.ts')).auditOrganization({
      accounts: small ? 6 : 80,
      regions: small ? 2 : 5,
      latencyMs: 20,
      recoveryPointsPerVault: 10,
    }),
  cell: async () => {
    const { cellAgainstChain } = await import('./limits.ts')
    const measured = []
    for (const latencyMs of small ? [20] : [20, 50, 100]) {
      measured.push(await cellAgainstChain(latencyMs))
    }
    return measured
  },
  budget: async () => (await import('./limits.ts')).rateAgainstBudget(small ? 1 : 20),
  neighbour: async () => {
    const { auditBesideNeighbour } = await import('./neighbour.ts')
    const size = small
      ? { accounts: 3, regions: 1, density: 1 }
      : { accounts: 6, regions: 3, density: 20 }
    const measured = []
    for (const how of small ? (['evenly'] as const) : (['evenly', 'in bursts'] as const)) {
      measured.push(await auditBesideNeighbour({ ...size, how }))
    }
    return measured
  },
  cost: async () =>
    (await import('./cost.ts')).costOfRuns({
      accounts: small ? [3, 4] : [6, 24],
      regions: small ? 2 : 17,
      latencyMs: small ? 20 : 120,
      monthsKept: 12,
    }),
  publish: async () =>
    (await import('./publish-findings.ts')).publishFindings({
      accounts: small ? 3 : 200,
      findings: small ? [4, 20] : [4, 100],
      latencyMs: 20,
    }),
  points: async () =>
    (await import('./recovery-points.ts')).writeAndScore(small ? 10_000 : 1_000_000),
  score: async () =>
    (await import('./score-many.ts')).scoreMany({
      accounts: small ? 2 : 200,
      recoveryPoints: small ? 10_000 : 10_000_000,
      snapshots: small ? 1_000 : 1_000_000,
      memoryLimit: '2GB',
    }),
  'points-paged': async () =>
    (await import('./collect-points.ts')).collectPoints(manyPoints, 'paged'),
  'points-collected': async () =>
    (await import('./collect-points.ts')).collectPoints(manyPoints, 'collected'),
  page: async () => (await import('./report-page.ts')).openPage(small ? 2_000 : 34_000),
  calls: async () => (await import('./calls.ts')).callsPerCell(),
  policy: async () =>
    (await import('./policy.ts')).policyPowers({
      roles: small ? [200] : [1_000, 2_000, 4_000],
      keys: 500,
      vaults: 50,
    }),
}

// Not among the others: Prowler is no dependency, and is installed by whoever compares.
const comparisons = {
  rivals: async () =>
    (await import('./rivals/side-by-side.ts')).sideBySide({
      bin: join(prowlerEnvironment(), 'bin'),
      measured: [
        { accounts: 1, recoveryPointsPerVault: 50 },
        ...(small
          ? []
          : [
              { accounts: 1, recoveryPointsPerVault: 1_000 },
              { accounts: 10, recoveryPointsPerVault: 50 },
            ]),
      ],
      regions: 3,
      latencyMs: 20,
      atOnce: small ? [1] : [1, 2],
    }),
}

const [name] = process.argv.slice(2).filter((word) => !word.startsWith('--'))
if (name === undefined) {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
  const measured: Record<string, unknown> = {}
  for (const benchmark of Object.keys(benchmarks)) {
    // The largest is asked for by its name.
    if (benchmark === 'scale') continue
    measured[benchmark] = await inItsOwnProcess(benchmark)
  }
  console.log(JSON.stringify({ machine, ...measured }, undefined, 2))
} else {
  const measure = { ...benchmarks, ...comparisons }[name]
  if (!measure) throw new Error(`no such benchmark: ${name}`)
  console.log(JSON.stringify(await measure()))
}

/** Peak memory is a process's: each benchmark gets one. */
async function inItsOwnProcess(benchmark: string): Promise<unknown> {
  const script = process.argv[1] ?? ''
  const flags = small ? ['--small'] : []
  const { stdout } = await promisify(execFile)(process.execPath, [script, benchmark, ...flags])
  return JSON.parse(stdout)
}

function prowlerEnvironment(): string {
  const folder = process.env.PROWLER_ENVIRONMENT
  if (folder) return folder
  throw new Error(
    'PROWLER_ENVIRONMENT must name the Python environment that Prowler is installed in',
  )
}
