// `npm run bench` prints what it measures as JSON. `-- --small` is a smoke run of a few seconds.
import { cpus } from 'node:os'
import { auditOrganization } from './audit-organization.ts'
import { writeAndScore } from './recovery-points.ts'

const small = process.argv.includes('--small')
const organization = await auditOrganization({
  accounts: small ? 3 : 20,
  regions: small ? 5 : 17,
  latencyMs: 20,
  recoveryPointsPerVault: small ? 10 : 50,
})
const points = await writeAndScore(small ? 10_000 : 1_000_000)
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
console.log(JSON.stringify({ machine, organization, points }, undefined, 2))
