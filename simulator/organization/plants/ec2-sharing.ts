import type { CreateVolumePermission, LaunchPermission } from '@aws-sdk/client-ec2'
import { ec2Sharing } from '../../operations/ec2.ts'
import { type Cell, type Status, verdict } from '../cell.ts'
import { plantImage, plantSnapshot } from '../ebs.ts'
import { oddNames } from '../odd-names.ts'
import { definePlant, type Soil } from '../plant.ts'

const shared = 'snapshots-are-shared-only-with-trusted-accounts'
const latent = 'blocked-snapshots-are-not-latently-public'

/** An account that is nobody's here. */
const vendor = '999988887777'

/** Snapshots and images that are shared, with whom one trusts and with others. */
export default definePlant({
  controls: { [shared]: ['ec2', 'rds'], [latent]: ['ec2'] },
  plant(cell, soil) {
    if (!soil.workload) return
    const own: Cell = { ...cell, random: soil.random }
    plantSharedSnapshots(own, soil)
    plantSharedImages(own, soil)
    if (cell.state.ec2.snapshotBlockPublicAccess === 'block-all-sharing' && soil.random.chance(0.6))
      share(own, plantSnapshot(own, { name: 'once-public' }), [{ Group: 'all' }])
  },
  conclude(cell) {
    const { snapshotBlockPublicAccess: block, publicSnapshotIds, snapshots } = cell.state.ec2
    if (block !== 'block-all-sharing') return
    for (const { SnapshotId: id = '', Encrypted } of snapshots) {
      if (Encrypted || publicSnapshotIds.has(id)) continue
      const open = ec2Sharing(cell.state).snapshots[id]?.some(({ Group }) => Group === 'all')
      const resource = [`arn:aws:ec2:${cell.region}::snapshot/${id}`, 'AwsEc2Snapshot'] as const
      cell.ledger.expect(cell, 'ec2', latent, verdict(!open), resource)
    }
  },
})

function plantSharedSnapshots(cell: Cell, { random, organization, dataKey }: Soil): void {
  const peer = random.pick([organization.managementAccountId, ...organization.accountIds])
  const trusted = plantSnapshot(cell, { key: dataKey, name: 'for-the-other-team' })
  share(cell, trusted, [{ UserId: peer }], 'pass')
  const mixed = plantSnapshot(cell, { key: dataKey, name: oddNames[0] })
  const strangers = random.chance(0.5) ? [vendor] : [vendor, '888877776666']
  const users = [peer, ...strangers].map((UserId) => ({ UserId }))
  if (random.chance(0.5)) share(cell, mixed, users, 'fail')
  if (random.chance(0.2)) {
    // Sharing goes around AWS Backup: its own snapshots leave by this door as well.
    share(cell, plantSnapshot(cell, { key: dataKey, byBackup: true }), [{ UserId: vendor }], 'fail')
  }
}

/** A verdict is expected where an account is named: what only everybody can read is judged as public. */
function share(cell: Cell, arn: string, to: CreateVolumePermission[], status?: Status): void {
  ec2Sharing(cell.state).snapshots[arn.split('/')[1] ?? ''] = to
  if (status) cell.ledger.expect(cell, 'ec2', shared, status, [arn, 'AwsEc2Snapshot'])
}

function plantSharedImages(cell: Cell, { random, organization, dataKey }: Soil): void {
  const place = `arn:aws:organizations::${organization.managementAccountId}`
  const elsewhere = 'arn:aws:organizations::777766665555:organization/o-partnercorp'
  const cases: [share: number, name: string, to: LaunchPermission, status: Status][] = [
    [0.4, 'base', { OrganizationArn: `${place}:organization/${organization.id}` }, 'pass'],
    [
      0.3,
      'ou',
      { OrganizationalUnitArn: `${place}:ou/${organization.id}/ou-ab12-prodwork` },
      'pass',
    ],
    [0.3, 'partner', { OrganizationArn: elsewhere }, 'fail'],
    [0.3, 'vendor', { UserId: vendor }, 'fail'],
  ]
  for (const [chance, name, to, status] of cases) {
    if (!random.chance(chance)) continue
    plantImage(cell, { name: `${name}-${random.hex(6)}`, devices: [dataKey] })
    const id = cell.state.ec2.images.at(-1)?.ImageId ?? ''
    ec2Sharing(cell.state).images[id] = [to]
    const resource = [`arn:aws:ec2:${cell.region}::image/${id}`, 'AwsEc2Image'] as const
    cell.ledger.expect(cell, 'ec2', shared, status, resource)
  }
}
