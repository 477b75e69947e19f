import { emptyCell, type OrganizationState } from '../state.ts'
import { makeAccounts, organizationId, quietAccounts, roleName, unitNames } from './accounts.ts'
import { expectAfterwards } from './afterwards.ts'
import { backupPolicyRegions } from './backup-policies.ts'
import { expectBackupRoles, useLooseBackupRoles } from './backup-roles.ts'
import { type Cell, Ledger } from './cell.ts'
import { expectIsolation } from './isolation.ts'
import { managedKey, plantKey } from './keys.ts'
import { type GeneratedOrganization, type OrganizationOptions, regionsOf } from './options.ts'
import { plantPeople } from './people.ts'
import type { Planting } from './planting.ts'
import { plants } from './plants.ts'
import { backupAccount, plantPolicies } from './policies.ts'
import { protectStores } from './protection.ts'
import type { Planted } from './protection-backups.ts'
import { Random } from './random.ts'
import { expectReaders } from './readers.ts'
import { expectRuin } from './ruin.ts'
import { expectSeparation } from './separation.ts'
import { canEnter, closeStory, faultsOf, openStory, readsOf } from './story.ts'
import { expectVaultAccess } from './vault-access.ts'
import { judgeVaultKeys } from './vault-keys.ts'
import { plantVault, type Vault } from './vaults.ts'
import { plantBasics, plantWorkload } from './workload.ts'

/** Generates an organization from a seed, with the findings that an honest audit makes in it. */
export function generateOrganization(given: OrganizationOptions): GeneratedOrganization {
  const options = complete(given)
  const random = new Random(`organization/${options.seed}`)
  const externalId = random.uuid()
  const accounts = makeAccounts(options, random, externalId)
  const credentials = {
    accessKeyId: `AKIA${random.text(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
    secretAccessKey: random.text(
      40,
      'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
    ),
  }
  const [management, audit] = [...accounts.values()]
  audit?.users.push({
    name: 'strongroom',
    ...credentials,
    allow: ['organizations:*', 'sts:AssumeRole', 'account:*', 'ec2:DescribeRegions'],
    deny: [],
  })
  const state: OrganizationState = {
    id: organizationId,
    partition: 'aws',
    managementAccountId: management?.account.Id ?? '',
    auditAccountId: audit?.account.Id ?? '',
    homeRegion: 'us-east-1',
    regions: regionsOf(options.regions),
    accounts: new Map([...accounts.values()].map((each) => [each.account.Id ?? '', each])),
  }
  const ledger = new Ledger()
  const cells = new Map<string, Cell>()
  const people = plantPeople({ accounts, options })
  const cell = cellsOf(options, accounts, { ledger, cells, people })
  const planting: Planting = { options, accounts, ledger, cell }
  enableRegions(planting, state)
  if (options.story) openStory(planting)
  const vaults: Vaults = new Map()
  for (const [name, { enabledRegions }] of accounts)
    for (const region of enabledRegions) plantCell(planting, name, region, vaults)
  if (options.story) closeStory(planting)
  const away = awayOf(planting)
  for (const [cell, held] of vaults) protectStores(cell, held, away)
  for (const [cell, held] of vaults) judgeVaultKeys(cell, held)
  for (const [name, { enabledRegions }] of accounts)
    for (const region of enabledRegions) concludeCell(planting, name, region)
  expectAfterwards([...cells.values()], new Set(state.accounts.keys()))
  expectVaultAccess([...cells.values()])
  expectRuin([...cells.values()])
  expectReaders([...cells.values()])
  expectBackupRoles([...cells.values()])
  expectIsolation([...cells.values()], accounts.values())
  expectOfAccounts(planting, state)
  state.policies = plantPolicies(planting, state)
  state.unitNames = unitNames
  const faults = options.story ? faultsOf(accounts) : []
  return {
    state,
    truth: ledger.truth,
    faults,
    credentials,
    externalId,
    roleName,
    principals: people,
  }
}

/** Of whole accounts; any of their cells stands for them. */
function expectOfAccounts({ accounts, options, cell }: Planting, state: OrganizationState): void {
  for (const [name, { account }] of accounts) {
    if (!canEnter(options.story, name)) continue
    const isManagement = account.Id === state.managementAccountId
    const administers = options.story ? name === backupAccount : isManagement
    expectSeparation(cell(name, state.homeRegion), {
      name,
      story: options.story,
      isManagement,
      administers,
    })
  }
}

function complete(given: OrganizationOptions): Required<OrganizationOptions> {
  const { accounts = 14, regions = 5 } = given
  const rich = accounts >= 14 && regions >= 5
  const story = given.story ?? rich
  if (accounts < 2) throw new RangeError('An organization needs a management and an audit account')
  if (story && !rich) throw new RangeError('The story needs at least 14 accounts and 5 Regions')
  const defaults = { density: 1, recoveryPointsPerVault: 0, busyRegions: regions }
  return { ...defaults, ...given, accounts, regions, story }
}

function cellsOf(
  { seed, now, story }: Required<OrganizationOptions>,
  accounts: Planting['accounts'],
  { ledger, cells, people }: { ledger: Ledger; cells: Map<string, Cell>; people: People },
): Planting['cell'] {
  const accountIds = [...accounts.values()].map(({ account }) => account.Id ?? '')
  return (name, region) => {
    const account = accounts.get(name)
    const known = cells.get(`${name}/${region}`)
    if (known) return known
    if (!account) throw new Error(`No account ${name}`)
    const cell: Cell = {
      accountId: account.account.Id ?? '',
      region,
      state: emptyCell(),
      random: new Random(`${seed}/${name}/${region}`),
      now,
      reads: readsOf(story, name, region),
      organization: { id: organizationId, accountIds },
      listsBuckets: canEnter(story, name),
      policyRegions: story ? backupPolicyRegions(account.account) : [],
      ledger,
      managedKeys: new Map(),
      principals: people.get(name) ?? [],
    }
    account.cells.set(region, cell.state)
    cells.set(`${name}/${region}`, cell)
    return cell
  }
}

function enableRegions({ accounts }: Planting, state: OrganizationState): void {
  let index = 0
  for (const account of accounts.values()) {
    const optedIn = index % 7 === 2 || index % 7 === 3
    index++
    for (const { name, optIn } of state.regions)
      if (!optIn || optedIn) account.enabledRegions.add(name)
  }
}

/** Makes, where one is first asked for, a Region's vault for copies in the account that keeps backups apart. */
function awayOf({ cell }: Planting): (region: string) => Vault {
  const vaults = new Map<string, Vault>()
  return (region) => {
    const keeper = cell('backup-vault', region)
    const vault =
      vaults.get(region) ??
      plantVault(keeper, { name: 'gold-copies', key: plantKey(keeper, 'rotating', 'gold-copies') })
    vaults.set(region, vault)
    return vault
  }
}

/** Who is in each account. */
type People = ReturnType<typeof plantPeople>

/** What each cell's workload has; undefined: the cell is quiet. */
type Vaults = Map<Cell, Planted | undefined>

function plantCell(planting: Planting, name: string, region: string, vaults: Vaults): void {
  const { seed, regions, density, recoveryPointsPerVault, busyRegions, story } = planting.options
  if (story && name === 'decommissioned-web') return
  const cell = planting.cell(name, region)
  plantBasics(cell)
  const busy = regionsOf(regions).findIndex((each) => each.name === region) < busyRegions
  const workload = busy && !quietAccounts.has(name)
  const planted = workload ? plantWorkload(cell, density, recoveryPointsPerVault) : undefined
  vaults.set(cell, planted)
  const dataKey = planted?.dataKey ?? managedKey(cell, 'ebs')
  const [managementAccountId = '', ...others] = [...planting.accounts.values()].map(
    ({ account }) => account.Id ?? '',
  )
  const accountIds = [managementAccountId, ...others]
  const organization = { id: organizationId, managementAccountId, accountIds }
  for (const [plantName, { plant }] of plants) {
    const random = new Random(`${seed}/${name}/${region}/${plantName}`)
    plant(cell, { account: name, workload, density, story, random, organization, dataKey })
  }
}

function concludeCell({ options, cell }: Planting, name: string, region: string): void {
  if (options.story && name === 'decommissioned-web') return
  useLooseBackupRoles(cell(name, region))
  for (const { conclude } of plants.values()) conclude?.(cell(name, region))
}
