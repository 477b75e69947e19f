import type { Cell } from './cell.ts'
import { plantImage, plantSnapshot, plantVolume } from './ebs.ts'
import { foreignKey, managedKey, plantKey } from './keys.ts'
import { oddNames } from './odd-names.ts'
import { plantAutomatedBackup, plantDbCluster, plantDbInstance, plantDbSnapshot } from './rds.ts'

/** Plants disks, snapshots and images that are easily judged wrongly. */
export function plantDiskTraps(cell: Cell): void {
  const key = plantKey(cell, 'rotating', 'disks')
  plantVolume(cell, { staging: true, name: 'AWS Elastic Disaster Recovery' })
  plantVolume(cell, { staging: true, key })
  plantVolume(cell, { operator: 'eks.amazonaws.com' })
  plantVolume(cell, { operator: 'ecs.amazonaws.com', key })
  for (const name of oddNames) plantVolume(cell, { name, key })
  plantVolume(cell, { name: oddNames[3] })

  for (const name of oddNames) plantSnapshot(cell, { name, description: name, key })
  plantSnapshot(cell, { isPublic: true, name: 'open-data' })
  plantSnapshot(cell, { byBackup: true, key })
  plantSnapshot(cell, { byBackup: true, isPublic: true })
  plantSnapshot(cell, { key, lock: 'compliance' })
  plantSnapshot(cell, { key, lock: 'governance' })
  plantSnapshot(cell, { lock: 'compliance-cooloff' })
  plantSnapshot(cell, { key: foreignKey(cell), description: 'Copied from an outside account' })

  plantImage(cell, { name: 'AwsBackup_i-0123456789abcdef0_a1b2c3', devices: ['none', key] })
  plantImage(cell, { name: `Bob's (nightly) [1]`, devices: [key, managedKey(cell, 'ebs')] })
  plantImage(cell, { name: 'instance-store', devices: [] })
  plantImage(cell, { name: 'retired', devices: ['none'], disabled: true })
  plantImage(cell, { name: 'community', devices: ['none'], isPublic: true })
}

/** Plants databases that are easily judged wrongly. */
export function plantStorageTraps(cell: Cell): void {
  const key = plantKey(cell, 'disabled', 'databases')
  plantDbInstance(cell, { name: 'managed-storage', sseRds: true, engine: 'mysql' })
  plantDbSnapshot(cell, { source: 'managed-storage', sseRds: true })
  plantDbCluster(cell, { name: 'documents', engine: 'docdb', key })
  plantDbCluster(cell, { name: 'graph', engine: 'neptune' })
  plantDbCluster(cell, { name: 'managed-cluster', sseRds: true })
  plantDbSnapshot(cell, { kind: 'cluster', source: 'graph', engine: 'neptune' })
  plantDbSnapshot(cell, { kind: 'cluster', source: 'documents', engine: 'docdb', key })
  plantDbSnapshot(cell, { kind: 'cluster', source: 'graph', byBackup: true })
  plantAutomatedBackup(cell, { source: 'dropped-last-week', retained: true })
  plantAutomatedBackup(cell, { source: 'dropped-too', retained: true, key })
  plantAutomatedBackup(cell, { kind: 'cluster', source: 'managed-cluster', sseRds: true })
  plantAutomatedBackup(cell, { kind: 'cluster', source: 'graph', retained: true })
}
