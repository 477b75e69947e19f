// `npm run bench` prints what it measures as JSON; `npm run bench -- --small` is a smoke run. With names it measures those, and `--list`
// tells the names.
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
      : { accounts: 4, regions: 2, density: 60 }
    const measured = [await auditBesideNeighbour({ ...size, how: 'evenly' })]
    if (small) return measured
    measured.push(await auditBesideNeighbour({ ...size, how: 'in bursts' }))
    // What it is like where the audit takes all that there is.
    measured.push(await auditBesideNeighbour({ ...size, how: 'evenly', budgetShare: 1 }))
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

const names = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const all: Record<string, () => Promise<unknown>> = { ...benchmarks, ...comparisons }
for (const name of names) if (!all[name]) throw new Error(`no such benchmark: ${name}`)
const [name] = names
if (process.argv.includes('--list')) {
  console.log(JSON.stringify(Object.keys(all)))
} else if (name !== undefined && names.length === 1) {
  console.log(JSON.stringify(await all[name]?.()))
} else {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
  const measured: Record<string, unknown> = {}
  // The largest is asked for by its name.
  const unnamed = Object.keys(benchmarks).filter((one) => one !== 'scale')
  for (const benchmark of names.length > 0 ? names : unnamed) {
    measured[benchmark] = await inItsOwnProcess(benchmark)
  }
  console.log(JSON.stringify({ machine, ...measured }, undefined, 2))
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
