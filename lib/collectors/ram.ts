import {
  GetResourceShareAssociationsCommand,
  GetResourceSharesCommand,
  ListResourcesCommand,
  RAMClient,
  type ResourceShare,
  type ResourceShareAssociation,
} from '@aws-sdk/client-ram'
import type { Cell } from '../collect/cell.ts'
import { told } from '../collect/told.ts'
import { boolean, defineTable, string } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { parseArn } from './normalize.ts'

const tables = {
  ram_vault_shares: defineTable(
    'Backup vaults that the account shares by AWS RAM, one row per vault, share and principal.',
    {
      share_arn: string('ARN of the resource share.'),
      share_name: string('Name of the resource share.'),
      share_status: string('`ACTIVE`, `PENDING`, `FAILED`, `DELETING` or `DELETED`.'),
      allows_external: boolean(
        'Whether principals outside the organization may be added to the share.',
      ),
      vault_arn: string('ARN of the vault.'),
      principal: string('Id of an account, or ARN of an organization, OU, role or user.'),
      principal_kind: string('`account`, `organization`, `ou`, `role`, `user` or `service`.'),
      external: boolean('Whether RAM holds the principal to be outside the organization.'),
      status: string(
        'Whether the principal has the share: `ASSOCIATED`, `ASSOCIATING` (an invitation may be pending) …',
      ),
    },
  ),
}

type RamCell = Cell<typeof tables>

/** The largest page. */
const PAGE = { maxResults: 500 }
const TOKEN = { request: 'nextToken', response: 'nextToken' }
/** Shares that are named in one call. */
const SHARES_AT_ONCE = 50

/**
 * Everything that the account shares is listed rather than its vaults only: by which name RAM knows the type of a vault is not
 * documented, the service in an ARN is certain. Where no vault is among it, that one list is all that is asked.
 */
export default defineCollector({
  service: 'ram',
  scope: 'cell',
  actions: ['ram:GetResourceShareAssociations', 'ram:GetResourceShares', 'ram:ListResources'],
  tables,
  async collect(cell) {
    await cell.read('ram_vault_shares', async () => {
      const vaults = await sharedVaults(cell)
      const shares = [...new Set(vaults.map(({ shareArn }) => shareArn))]
      for (let first = 0; first < shares.length; first += SHARES_AT_ONCE) {
        await readShares(cell, vaults, shares.slice(first, first + SHARES_AT_ONCE))
      }
    })
  },
})

interface SharedVault {
  arn: string
  shareArn: string
}

async function sharedVaults(cell: RamCell): Promise<SharedVault[]> {
  const vaults: SharedVault[] = []
  const input = { ...PAGE, resourceOwner: 'SELF' as const }
  for await (const page of cell.pages(RAMClient, ListResourcesCommand, input, TOKEN)) {
    for (const resource of page.resources ?? []) {
      const arn = told(resource, 'arn')
      if (parseArn(arn)?.service !== 'backup') continue
      vaults.push({ arn, shareArn: told(resource, 'resourceShareArn') })
    }
  }
  return vaults
}

async function readShares(
  cell: RamCell,
  vaults: SharedVault[],
  shareArns: string[],
): Promise<void> {
  const [shares, principals] = await Promise.all([
    sharesOf(cell, shareArns),
    principalsOf(cell, shareArns),
  ])
  for (const association of principals) {
    const shareArn = told(association, 'resourceShareArn')
    const principal = told(association, 'associatedEntity')
    const share = shares.find(({ resourceShareArn }) => resourceShareArn === shareArn)
    for (const vault of vaults.filter((one) => one.shareArn === shareArn)) {
      await cell.put('ram_vault_shares', {
        share_arn: shareArn,
        share_name: share?.name ?? association.resourceShareName,
        share_status: share?.status,
        allows_external: share?.allowExternalPrincipals,
        vault_arn: vault.arn,
        principal,
        principal_kind: kindOf(principal),
        external: association.external,
        status: association.status,
      })
    }
  }
}

async function sharesOf(cell: RamCell, resourceShareArns: string[]): Promise<ResourceShare[]> {
  const shares: ResourceShare[] = []
  const input = { ...PAGE, resourceOwner: 'SELF' as const, resourceShareArns }
  for await (const page of cell.pages(RAMClient, GetResourceSharesCommand, input, TOKEN)) {
    shares.push(...(page.resourceShares ?? []))
  }
  return shares
}

async function principalsOf(
  cell: RamCell,
  resourceShareArns: string[],
): Promise<ResourceShareAssociation[]> {
  const principals: ResourceShareAssociation[] = []
  const input = { ...PAGE, associationType: 'PRINCIPAL' as const, resourceShareArns }
  const Command = GetResourceShareAssociationsCommand
  for await (const page of cell.pages(RAMClient, Command, input, TOKEN)) {
    principals.push(...(page.resourceShareAssociations ?? []))
  }
  return principals
}

function kindOf(principal: string): string {
  if (/^\d{12}$/.test(principal)) return 'account'
  const [kind = ''] = parseArn(principal)?.resource.split('/') ?? []
  return ['organization', 'ou', 'role', 'user'].includes(kind) ? kind : 'service'
}
