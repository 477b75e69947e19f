import { type Cell, days, type Key, verdict } from './cell.ts'
import { plantSnapshot } from './ebs.ts'
import { type InheritingType, plantRecoveryPoint } from './recovery-points.ts'
import type { Store } from './store.ts'
import { plantVault, type Vault } from './vaults.ts'

/** What a cell's workload has. */
export interface Planted {
  vault: Vault
  dataKey: Key
}

/** What the store's newest backup is like; `new`: there is none, and none is due yet. */
export type Freshness = 'fresh' | 'stale' | 'new' | 'missing'

interface Backups {
  store: Store
  /** The instance whose backups hold the store. */
  through: string | undefined
  /** Whether a plan makes them; else a policy of Data Lifecycle Manager does. */
  planned: boolean
  dataKey: Key
  freshness: Freshness
}

/** Plants the newest backup of a protected store, or none. */
export function plantBackups(
  vault: Vault,
  { store, through, planned, dataKey, freshness }: Backups,
): void {
  const { cell } = vault
  if (freshness === 'new') store.setCreated(days(cell, -0.1))
  else store.setCreated(days(cell, -200))
  if (freshness === 'new' || freshness === 'missing') return
  // Twice a week and a day's grace is the most that any plan here allows.
  const createdAt = freshness === 'fresh' ? days(cell, -1.2) : days(cell, -40)
  if (!planned) {
    plantLifecycleSnapshot(cell, store, { dataKey, createdAt })
    return
  }
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
function plantLifecycleSnapshot(
  cell: Cell,
  { volume }: Store,
  { dataKey, createdAt }: { dataKey: Key; createdAt: Date },
): void {
  plantSnapshot(cell, { key: dataKey, name: 'by policy' })
  Object.assign(cell.state.ec2.snapshots.at(-1) ?? {}, {
    VolumeId: volume?.id,
    StartTime: createdAt,
  })
}

/** The stores that the settings call critical carry `tier=gold`; some have a copy out of their account's reach. */
export function plantIsolatedCopy(
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
  // The account that keeps the copies has data of its own, which a copy in it does not isolate.
  const isolated =
    place === 'air-gapped' ||
    (place === 'away' && away(cell.region).cell.accountId !== cell.accountId)
  if (place === 'away') plantRecoveryPoint(away(cell.region), { ...point, copiedFrom: vault })
  if (place === 'air-gapped') {
    const name = 'air-gapped-gold'
    const known = airGapped.get(cell) ?? plantVault(cell, { name, key: dataKey, airGapped: true })
    airGapped.set(cell, known)
    plantRecoveryPoint(known, point)
  }
  // A copy may be where nothing can be read: in the own account, or in one outside the organization.
  const blind = !isolated && cell.ledger.copyingAbroad.has(cell.accountId)
  const status = cell.reads('backup') && !blind ? verdict(isolated) : 'unknown'
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
