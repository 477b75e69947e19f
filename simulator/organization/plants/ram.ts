import type { ResourceShareAssociationStatus, ResourceShareStatus } from '@aws-sdk/client-ram'
import { ramState } from '../../operations/ram.ts'
import { arnOf, type Cell, past, type Status } from '../cell.ts'
import { oddNames } from '../odd-names.ts'
import { definePlant } from '../plant.ts'

const control = 'air-gapped-vaults-are-shared-only-with-trusted-accounts'

/** An account that is nobody's here. */
const vendor = '999988887777'

interface ShareOptions {
  name: string
  vault: string
  principals: string[]
  status?: ResourceShareAssociationStatus
  shareStatus?: ResourceShareStatus
}

/** Shares of air-gapped vaults, which RAM lists whether or not the vault is anywhere else; and shares of other things. */
export default definePlant({
  controls: { [control]: ['ram', 'backup'] },
  plant(cell, { workload, random, organization }) {
    if (!workload) return
    const own: Cell = { ...cell, random }
    const peer = random.pick([organization.managementAccountId, ...organization.accountIds])
    const place = `arn:aws:organizations::${organization.managementAccountId}`
    const ou = `${place}:ou/${organization.id}/ou-ab12-prodwork`
    if (random.chance(0.5)) {
      plantShare(own, { name: 'recovery', vault: 'gap-recovery', principals: [peer] })
      plantShare(own, { name: 'forensics', vault: 'gap-recovery', principals: [ou] })
      expect(own, 'gap-recovery', 'pass')
    }
    if (random.chance(0.4)) {
      const role = `arn:aws:iam::${vendor}:role/restore`
      plantShare(own, { name: oddNames[0], vault: 'gap-vendor', principals: [peer, vendor, role] })
      expect(own, 'gap-vendor', 'fail')
    }
    if (random.chance(0.3)) {
      const elsewhere = 'arn:aws:organizations::777766665555:organization/o-partnercorp'
      const invited = { principals: [elsewhere], status: 'ASSOCIATING' as const }
      plantShare(own, { name: oddNames[3], vault: 'gap-partner', ...invited })
      expect(own, 'gap-partner', 'fail')
    }
    if (random.chance(0.3)) {
      // Both are over: nothing is shared any more.
      const over = { vault: 'gap-once', principals: [vendor] }
      plantShare(own, { name: 'left', ...over, status: 'DISASSOCIATED' })
      plantShare(own, { name: 'deleted', ...over, shareStatus: 'DELETED' })
    }
    if (random.chance(0.3)) plantSubnetShare(own)
  },
})

function expect(cell: Cell, vault: string, status: Status): void {
  const arn = arnOf(cell, 'backup', `backup-vault:${vault}`)
  cell.ledger.expect(cell, 'ram', control, status, [arn, 'AwsBackupBackupVault'])
}

function plantShare(cell: Cell, options: ShareOptions): void {
  const { name, vault, principals, status = 'ASSOCIATED', shareStatus = 'ACTIVE' } = options
  const resourceShareArn = arnOf(cell, 'ram', `resource-share/${cell.random.uuid()}`)
  const times = { creationTime: past(cell), lastUpdatedTime: past(cell) }
  ramState(cell.state).shares.push({
    share: {
      resourceShareArn,
      name,
      owningAccountId: cell.accountId,
      allowExternalPrincipals: true,
      status: shareStatus,
      ...times,
    },
    resources: [
      {
        arn: arnOf(cell, 'backup', `backup-vault:${vault}`),
        type: 'backup:backup-vault',
        resourceShareArn,
        ...times,
      },
    ],
    principals: principals.map((associatedEntity) => ({
      resourceShareArn,
      resourceShareName: name,
      associatedEntity,
      associationType: 'PRINCIPAL',
      status,
      external: associatedEntity.includes(vendor),
      ...times,
    })),
  })
}

/** Other things that are shared are none of our business, whoever has them. */
function plantSubnetShare(cell: Cell): void {
  const resourceShareArn = arnOf(cell, 'ram', `resource-share/${cell.random.uuid()}`)
  const arn = arnOf(cell, 'ec2', `subnet/subnet-${cell.random.hex(17)}`)
  ramState(cell.state).shares.push({
    share: { resourceShareArn, name: 'network', status: 'ACTIVE', allowExternalPrincipals: false },
    resources: [{ arn, type: 'ec2:Subnet', resourceShareArn }],
    principals: [
      {
        resourceShareArn,
        associatedEntity: vendor,
        associationType: 'PRINCIPAL',
        status: 'ASSOCIATED',
      },
    ],
  })
}
