import { definePlant } from '../plant.ts'
import { plantDbInstance } from '../rds.ts'

/** Databases without automated backups: those that need them, and those that do not. */
export default definePlant({
  controls: { 'point-in-time-recovery-is-on': ['rds'] },
  plant(planted, { workload, random, dataKey: key }) {
    if (!workload) return
    const cell = { ...planted, random }
    if (random.chance(0.4)) plantDbInstance(cell, { name: 'reporting', key, retentionDays: 0 })
    if (random.chance(0.4))
      plantDbInstance(cell, { name: 'replica', key, retentionDays: 0, replicaOf: 'orders-1' })
    if (random.chance(0.2))
      plantDbInstance(cell, { name: 'going', key, retentionDays: 0, status: 'deleting' })
  },
})
