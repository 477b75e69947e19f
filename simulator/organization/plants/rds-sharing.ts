import { rdsSharing } from '../../operations/rds.ts'
import { type Cell, type Status, verdict } from '../cell.ts'
import { definePlant, type Soil } from '../plant.ts'
import { plantDbSnapshot } from '../rds.ts'

const shared = 'snapshots-are-shared-only-with-trusted-accounts'
const open = 'rds-snapshots-are-not-public'

/** An account that is nobody's here. */
const vendor = '999988887777'

/** Manual snapshots of databases that are shared, with whom one trusts, with others and with everybody. */
export default definePlant({
  controls: { [shared]: ['ec2', 'rds'], [open]: ['rds'] },
  plant(cell, soil) {
    if (!soil.workload) return
    const own: Cell = { ...cell, random: soil.random }
    plantShared(own, soil)
  },
  conclude(cell) {
    const { snapshots, clusterSnapshots } = cell.state.rds
    const sharing = rdsSharing(cell.state)
    const expect = (arn: string | undefined, type: string, accounts: string[] = []) =>
      cell.ledger.expect(cell, 'rds', open, verdict(!accounts.includes('all')), [arn ?? '', type])
    for (const { SnapshotType, DBSnapshotArn, DBSnapshotIdentifier: id = '' } of snapshots)
      if (SnapshotType === 'manual')
        expect(DBSnapshotArn, 'AwsRdsDbSnapshot', sharing.snapshots[id])
    for (const one of clusterSnapshots)
      if (one.SnapshotType === 'manual') {
        const accounts = sharing.clusterSnapshots[one.DBClusterSnapshotIdentifier ?? '']
        expect(one.DBClusterSnapshotArn, 'AwsRdsDbClusterSnapshot', accounts)
      }
  },
})

function plantShared(cell: Cell, { random, organization, dataKey }: Soil): void {
  const peer = random.pick([organization.managementAccountId, ...organization.accountIds])
  const instance = (accounts: string[], status?: Status) =>
    share(cell, plantDbSnapshot(cell, { source: 'exports', key: dataKey }), accounts, status)
  const cluster = (accounts: string[], status?: Status) => {
    const arn = plantDbSnapshot(cell, { kind: 'cluster', source: 'exports', key: dataKey })
    share(cell, arn, accounts, status)
  }
  if (random.chance(0.5)) instance([peer], 'pass')
  if (random.chance(0.3)) instance([peer, vendor], 'fail')
  if (random.chance(0.3)) cluster([vendor], 'fail')
  if (random.chance(0.2)) cluster([peer], 'pass')
  // Only unencrypted snapshots can be public; one that names an account besides is judged for both.
  if (random.chance(0.2)) share(cell, plantDbSnapshot(cell, { source: 'samples' }), ['all'])
  if (random.chance(0.1))
    share(cell, plantDbSnapshot(cell, { source: 'samples' }), ['all', vendor], 'fail')
}

/** A verdict is expected where an account is named: what only everybody can read is judged as public. */
function share(cell: Cell, arn: string, accounts: string[], status?: Status): void {
  const cluster = arn.includes(':cluster-snapshot:')
  const name = arn.split(':').slice(6).join(':')
  const { snapshots, clusterSnapshots } = rdsSharing(cell.state)
  if (cluster) clusterSnapshots[name] = accounts
  else snapshots[name] = accounts
  const type = cluster ? 'AwsRdsDbClusterSnapshot' : 'AwsRdsDbSnapshot'
  if (status) cell.ledger.expect(cell, 'rds', shared, status, [arn, type])
}
