import { accountResource, type Cell, verdict } from './cell.ts'
import {
  type Freshness,
  type Planted,
  plantBackups,
  plantIsolatedCopy,
} from './protection-backups.ts'
import {
  isPlanned,
  isSnapshotted,
  plantInstance,
  selectionsFor,
  tag,
  type Way,
  wayFor,
} from './protection-ways.ts'
import type { Store } from './store.ts'
import { storesOf } from './stores.ts'
import { plantPlan, type Vault } from './vaults.ts'

/** The controls that this plants for, with the services whose tables are their subject. */
export const protectionControls = {
  'data-stores-are-in-a-backup-plan': ['ec2', 'rds'],
  'data-stores-have-a-recent-recovery-point': ['ec2', 'rds', 'backup'],
  'backup-keys-differ-from-data-keys': ['backup'],
  'critical-backups-have-an-isolated-copy': ['ec2', 'rds'],
  'backup-policies-reach-every-account': ['ec2', 'rds', 'backup'],
} as const

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
  const covered = stores.map(({ store, way }) => protectStore(cell, planted, { store, way, away }))
  if (stores.length > 0) expectReached(cell, covered.every(Boolean))
  if (!vault) return
  const of = (wanted: Way) =>
    stores.filter(({ way }) => way === wanted).map(({ store }) => store.arn)
  const selections = selectionsFor(of('listed'), of('excluded'))
  plantPlan(cell, { name: 'weekly', target: vault, schedule: 'cron(0 3 ? * SUN *)', selections })
}

/** Protects one data store as planned, and tells whether anything chooses it. */
function protectStore(
  cell: Cell,
  planted: Planted | undefined,
  { store, way, away }: { store: Store; way: Way; away: (region: string) => Vault },
): boolean {
  tag(cell, store, way)
  const through = way === 'instance' ? plantInstance(cell, store) : undefined
  const planned = isPlanned(cell, store, way)
  const covered = planned || isSnapshotted(cell, store)
  expect(cell, store, 'data-stores-are-in-a-backup-plan', covered)
  if (planted && way === 'conditioned') plantIsolatedCopy(planted, store, away)
  if (!planted || !covered) return covered
  const freshness = cell.random.pick<Freshness>([
    'fresh',
    'fresh',
    'fresh',
    'stale',
    'new',
    'missing',
  ])
  plantBackups(planted.vault, { store, through, planned, dataKey: planted.dataKey, freshness })
  // What only a plan protects that cannot be read is not known to be protected.
  if (!cell.reads('backup') && !isSnapshotted(cell, store)) return covered
  const recent = freshness === 'fresh' || freshness === 'new'
  expect(cell, store, 'data-stores-have-a-recent-recovery-point', recent)
  return covered
}

/** Where plans cannot be read, all that they may choose is unknown, which is told of the whole cell. */
function expectReached(cell: Cell, areAllChosen: boolean): void {
  const passes = areAllChosen || cell.policyRegions.includes(cell.region)
  const control = 'backup-policies-reach-every-account'
  cell.ledger.expect(cell, 'backup', control, verdict(passes), accountResource(cell))
}

function expect(
  cell: Cell,
  { arn, findingType, service }: Store,
  control: keyof typeof protectionControls,
  passes: boolean,
): void {
  // Where the plans cannot be read, the stores are seen all the same.
  const status = cell.reads('backup') ? verdict(passes) : 'unknown'
  const here = service === 's3' && cell.listsBuckets ? { ...cell, reads: () => true } : cell
  cell.ledger.expect(here, service, control, status, [arn, findingType])
}
