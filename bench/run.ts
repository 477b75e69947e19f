// `npm run bench` prints what it measures as JSON; `npm run bench -- --small` is a smoke run of a few seconds.
import { execFile } from 'node:child_process'
import { cpus } from 'node:os'
import { promisify } from 'node:util'
import { auditOrganization } from './audit-organization.ts'
import { callsPerCell } from './calls.ts'
import { policyPowers } from './policy.ts'
import { publishFindings } from './publish-findings.ts'
import { writeAndScore } from './recovery-points.ts'
import { openPage } from './report-page.ts'

const small = process.argv.includes('--small')
/** `npm run bench scale -- --accounts=1000` */
const accounts = Number(/--accounts=(\d+)/.exec(process.argv.join(' '))?.[1]) || undefined

const benchmarks = {
  organization: () =>
    auditOrganization({
      accounts: small ? 3 : 20,
      regions: small ? 5 : 17,
      latencyMs: 20,
      recoveryPointsPerVault: small ? 10 : 50,
    }),
  publish: () =>
    publishFindings({
      accounts: small ? 3 : 200,
      findings: small ? [4, 20] : [4, 100],
      latencyMs: 20,
    }),
  points: () => writeAndScore(small ? 10_000 : 1_000_000),
  page: () => openPage(small ? 2_000 : 34_000),
  scale: () =>
    auditOrganization({
      accounts: accounts ?? (small ? 3 : 200),
      regions: small ? 5 : 17,
      busyRegions: 1,
      latencyMs: 20,
      recoveryPointsPerVault: 10,
    }),
  calls: callsPerCell,
  policy: async () =>
    policyPowers({ roles: small ? [200] : [1_000, 2_000, 4_000], keys: 500, vaults: 50 }),
}

const [name] = process.argv.slice(2).filter((word) => !word.startsWith('--'))
if (name === undefined) {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
  const organization = await inItsOwnProcess('organization')
  const calls = await inItsOwnProcess('calls')
  const points = await inItsOwnProcess('points')
  const page = await inItsOwnProcess('page')
  const policy = await inItsOwnProcess('policy')
  const publish = await inItsOwnProcess('publish')
  const all = { organization, calls, points, page, policy, publish }
  console.log(JSON.stringify({ machine, ...all }, undefined, 2))
} else {
  const measure = benchmarks[name as keyof typeof benchmarks]
  if (!measure) throw new Error(`no such benchmark: ${name}`)
  console.log(JSON.stringify(await measure()))
}

/** Peak memory is a process's: each benchmark gets one. */
async function inItsOwnProcess(benchmark: keyof typeof benchmarks): Promise<unknown> {
  const script = process.argv[1] ?? ''
  const flags = small ? ['--small'] : []
  const { stdout } = await promisify(execFile)(process.execPath, [script, benchmark, ...flags])
  return JSON.parse(stdout)
}
