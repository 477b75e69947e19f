import { accountResource, verdict } from '../cell.ts'
import { definePlant } from '../plant.ts'
import { plantTrails, recordsWell } from '../trails.ts'

const control = 'cloudtrail-records-backup-calls'

/** Trails of the organization and of the accounts, some of which record little. */
export default definePlant({
  controls: { [control]: ['cloudtrail'] },
  accountWide: [control],
  plant: plantTrails,
  conclude(cell) {
    const passes = recordsWell(cell)
    if (passes === undefined) return
    const account = { ...cell, region: 'global' }
    cell.ledger.expect(account, 'cloudtrail', control, verdict(passes), accountResource(cell))
  },
})
