import { accountResource, type Cell, verdict } from '../cell.ts'
import { definePlant } from '../plant.ts'
import type { Store } from '../store.ts'
import { storesOf } from '../stores.ts'

const control = 'region-opt-in-covers-the-data-stores'

/** Regions where databases are not opted in: plans then back up only those that they name. */
export default definePlant({
  controls: { [control]: ['ec2', 'rds'] },
  plant({ state }, { workload, random }) {
    if (workload && random.chance(0.25)) state.backup.resourceTypeOptIn.RDS = false
  },
  conclude(cell) {
    for (const [type, stores] of Map.groupBy(storesOf(cell), (store) => store.type)) {
      const optedIn = cell.state.backup.resourceTypeOptIn[type] ?? false
      const status = cell.reads('backup') ? verdict(optedIn || isChosen(cell, stores)) : 'unknown'
      const [account] = accountResource(cell)
      const resource = [`${account}/backup-opt-in/${type}`, 'AwsAccount'] as const
      const service = stores[0]?.service ?? ''
      // Buckets are listed even where nothing of their Region can be read.
      const here = service === 's3' && cell.listsBuckets ? { ...cell, reads: () => true } : cell
      here.ledger.expect(here, service, control, status, resource)
    }
  },
})

/** Clusters share their ARN with another type: naming them does not stand in for the opt-in. */
const SHARED = new Set(['Aurora', 'DocumentDB', 'Neptune'])

/** Whether every one of the stores is named by a selection. */
function isChosen({ state }: Cell, stores: Store[]): boolean {
  const named = new Set(
    state.backup.plans.flatMap(({ selections }) =>
      selections.flatMap(({ selection }) => selection.Resources ?? []),
    ),
  )
  return stores.every(({ arn, type }) => !SHARED.has(type) && named.has(arn))
}
