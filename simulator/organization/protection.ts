import type { BackupSelection } from '@aws-sdk/client-backup'
import { arnOf, type Cell, days, type Key, past, verdict } from './cell.ts'
import { type InheritingType, plantRecoveryPoint } from './recovery-points.ts'
import { type Store, storesOf, type Tag, tagResource } from './stores.ts'
import { plantPlan, plantVault, type Vault } from './vaults.ts'

/** The controls that this plants for, with the services whose tables are their subject. */
export const protectionControls = {
  'data-stores-are-in-a-backup-plan': ['ec2', 'rds'],
  'data-stores-have-a-recent-recovery-point': ['ec2', 'rds', 'backup'],
  'backup-keys-differ-from-data-keys': ['backup'],
  'critical-backups-have-an-isolated-copy': ['ec2', 'rds'],
} as const

/** What a cell's workload has. */
export interface Planted {
  vault: Vault
  dataKey: Key
}

/** How a store comes into a plan, or fails to. */
type Way = 'tagged' | 'listed' | 'conditioned' | 'excluded' | 'instance' | 'none'

/** What the store's newest backup is like; `new`: there is none, and none is due yet. */
type Freshness = 'fresh' | 'stale' | 'new' | 'missing'

const daily: Tag = { Key: 'backup', Value: 'daily' }
const weekly: Tag = { Key: 'backup', Value: 'weekly' }
const gold: Tag = { Key: 'tier', Value: 'gold' }
const test: Tag = { Key: 'stage', Value: 'test' }

/**
 * Decides how each data store of a cell is protected, plants the plans, tags and recovery points for it, and expects what an audit says.
 * Without a vault the cell has no plan, and nothing in it is protected.
 */
export function protectStores(
  cell: Cell,
  planted: Planted | undefined,
  away: (region: string) => Vault,
): void {
  const vault = planted?.vault
  const stores = storesOf(cell).map((store) => ({
    store,
    way: vault ? wayFor(cell, store) : ('none' as const),
  }))
  for (const { store, way } of stores) {
    tag(cell, store, way)
    const through = way === 'instance' ? plantInstance(cell, store) : undefined
    const covered = isProtected(cell, store, way)
    expect(cell, store, 'data-stores-are-in-a-backup-plan', covered)
    if (planted && way === 'conditioned') plantIsolatedCopy(planted, store, away)
    if (!planted || !covered) continue
    const freshness = cell.random.pick<Freshness>([
      'fresh',
      'fresh',
      'fresh',
      'stale',
      'new',
      'missing',
    ])
    plantBackups(planted.vault, { store, through, dataKey: planted.dataKey, freshness })
    const recent = freshness === 'fresh' || freshness === 'new'
    expect(cell, store, 'data-stores-have-a-recent-recovery-point', recent)
  }
  if (!vault) return
  const of = (wanted: Way) =>
    stores.filter(({ way }) => way === wanted).map(({ store }) => store.arn)
  const selections = selectionsFor(of('listed'), of('excluded'))
  plantPlan(cell, { name: 'weekly', target: vault, schedule: 'cron(0 3 ? * SUN *)', selections })
}

/** Expects whether the key of each judged vault of the cell is one that data stores are under too. */
export function judgeVaultKeys(cell: Cell, planted: { dataKey: Key } | undefined): void {
  if (planted && cell.random.chance(0.3)) {
    const vault = plantVault(cell, { name: 'one-key-for-all', key: planted.dataKey })
    plantRecoveryPoint(vault, { type: 'EFS', name: 'shared-files' })
  }
  const dataKeys = new Set(storesOf(cell).map(({ keyArn }) => keyArn))
  const judged = cell.ledger.truth
    .filter(({ control_id }) => control_id === 'backup-vaults-are-locked')
    .map(({ resource_arn }) => resource_arn)
  for (const { BackupVaultArn: arn = '', EncryptionKeyArn: key } of cell.state.backup.vaults) {
    if (!key || !judged.includes(arn)) continue
    const status = verdict(!dataKeys.has(key))
    cell.ledger.expect(cell, 'backup', 'backup-keys-differ-from-data-keys', status, [
      arn,
      'AwsBackupBackupVault',
    ])
  }
}

function expect(
  cell: Cell,
  { arn, findingType, service }: Store,
  control: keyof typeof protectionControls,
  passes: boolean,
): void {
  // Where the plans cannot be read, the stores are seen all the same.
  const readable = cell.reads('backup') || control === 'data-stores-have-a-recent-recovery-point'
  const status = readable ? verdict(passes) : 'unknown'
  const needs = control === 'data-stores-are-in-a-backup-plan' ? service : 'backup'
  cell.ledger.expect(cell, needs, control, status, [arn, findingType])
}

function wayFor({ random }: Cell, { type }: Store): Way {
  if (type !== 'EBS') return random.pick<Way>(['tagged', 'tagged', 'listed', 'excluded', 'none'])
  return random.pick<Way>([
    'tagged',
    'tagged',
    'listed',
    'conditioned',
    'excluded',
    'instance',
    'none',
  ])
}

function tag(cell: Cell, store: Store, way: Way): void {
  const own = store.tags.filter(({ Key }) => Key !== 'backup')
  const added: Record<Way, Tag[]> = {
    tagged: [daily],
    listed: [],
    // Half of them say that they are for tests, which the condition leaves out.
    conditioned: cell.random.chance(0.5) ? [gold, test] : [gold],
    excluded: [weekly],
    instance: [],
    none: [],
  }
  store.setTags([...own, ...added[way]])
  store.tags = [...own, ...added[way]]
  tagResource(cell, store.arn, store.tags)
}

function selectionsFor(
  listed: string[],
  excluded: string[],
): Omit<BackupSelection, 'IamRoleArn'>[] {
  return [
    ...listed.map((arn, index) => ({ SelectionName: `listed-${index + 1}`, Resources: [arn] })),
    {
      SelectionName: 'gold-volumes',
      Resources: ['arn:aws:ec2:*:*:volume/*'],
      Conditions: {
        StringEquals: [{ ConditionKey: 'aws:ResourceTag/tier', ConditionValue: 'gold' }],
        StringNotLike: [{ ConditionKey: 'aws:ResourceTag/stage', ConditionValue: 'te*' }],
      },
    },
    {
      SelectionName: 'weekly',
      NotResources: excluded,
      ListOfTags: [
        { ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'weekly' },
      ],
    },
  ]
}

/** Types that share their ARN with another: naming it does not stand in for the opt-in. */
const shared = ['Aurora', 'DocumentDB', 'Neptune']

function isProtected({ state }: Cell, { type, tags }: Store, way: Way): boolean {
  const optedIn = state.backup.resourceTypeOptIn[type] ?? false
  if (way === 'tagged') return optedIn
  if (way === 'listed') return optedIn || !shared.includes(type)
  if (way === 'conditioned') return !tags.includes(test)
  return way === 'instance' && (state.backup.resourceTypeOptIn.EC2 ?? false)
}

/** An instance that the daily plan chooses by its tag, and with it the store, a volume of it. */
function plantInstance(cell: Cell, store: Store): string {
  const id = `i-${cell.random.hex(17)}`
  const Tags = [daily, { Key: 'Name', Value: `app-${id.slice(-4)}` }]
  cell.state.ec2.instances.push({
    InstanceId: id,
    State: { Code: 16, Name: 'running' },
    ImageId: `ami-${cell.random.hex(17)}`,
    LaunchTime: past(cell),
    Tags,
  })
  store.attach?.(id)
  const arn = arnOf(cell, 'ec2', `instance/${id}`)
  tagResource(cell, arn, Tags)
  return arn
}

/** The stores that the settings call critical carry `tier=gold`; some have a copy out of their account's reach. */
function plantIsolatedCopy(
  { vault, dataKey }: Planted,
  store: Store,
  away: (region: string) => Vault,
): void {
  const { cell } = vault
  const place = cell.random.pick<'away' | 'air-gapped' | 'nowhere'>([
    'away',
    'air-gapped',
    'nowhere',
  ])
  const point = { type: store.type as InheritingType, key: dataKey, source: store.arn }
  if (place === 'away') plantRecoveryPoint(away(cell.region), { ...point, copiedFrom: vault })
  if (place === 'air-gapped') {
    const name = 'air-gapped-gold'
    const known = airGapped.get(cell) ?? plantVault(cell, { name, key: dataKey, airGapped: true })
    airGapped.set(cell, known)
    plantRecoveryPoint(known, point)
  }
  // A copy may be where nothing can be read: in the own account, or in one outside the organization.
  const blind = place === 'nowhere' && cell.ledger.copyingAbroad.has(cell.accountId)
  const status = cell.reads('backup') && !blind ? verdict(place !== 'nowhere') : 'unknown'
  const resource = [store.arn, store.findingType] as const
  cell.ledger.expect(
    cell,
    store.service,
    'critical-backups-have-an-isolated-copy',
    status,
    resource,
  )
}

const airGapped = new WeakMap<Cell, Vault>()

interface Backups {
  store: Store
  /** The instance whose backups hold the store. */
  through: string | undefined
  dataKey: Key
  freshness: Freshness
}

function plantBackups(vault: Vault, { store, through, dataKey, freshness }: Backups): void {
  const { cell } = vault
  if (freshness === 'new') store.setCreated(days(cell, -0.1))
  else store.setCreated(days(cell, -200))
  if (freshness === 'new' || freshness === 'missing') return
  // Twice a week and a day's grace is the most that any plan here allows.
  const createdAt = freshness === 'fresh' ? days(cell, -1.2) : days(cell, -40)
  const source = through ?? store.arn
  if (through) plantRecoveryPoint(vault, { type: 'EC2', isParent: true, source, createdAt })
  else
    plantRecoveryPoint(vault, {
      type: store.type as InheritingType,
      key: dataKey,
      source,
      createdAt,
    })
}
