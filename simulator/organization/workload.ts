import type { Cell, Key } from './cell.ts'
import { plantEbsSettings, plantImage, plantSnapshot, plantVolume } from './ebs.ts'
import { managedKey, plantKey, plantReservedAlias } from './keys.ts'
import { Random } from './random.ts'
import { plantAutomatedBackup, plantDbCluster, plantDbInstance, plantDbSnapshot } from './rds.ts'
import { type PointKey, plantRecoveryPoint } from './recovery-points.ts'
import { variedPolicy } from './vault-policies.ts'
import { plantPlan, plantVault, type Vault } from './vaults.ts'

/** What every cell has: settings, and the empty Default vault that is not judged. */
export function plantBasics(cell: Cell): void {
  const { random } = cell
  plantEbsSettings(
    cell,
    random.chance(0.7),
    random.pick(['block-all-sharing', 'block-all-sharing', 'block-new-sharing', 'unblocked']),
  )
  plantReservedAlias(cell, 's3')
  plantVault(cell, { name: 'Default', key: managedKey(cell, 'backup') })
  const full = random.chance(0.8)
  cell.state.backup.resourceTypeOptIn = {
    EBS: true,
    EC2: true,
    RDS: true,
    EFS: true,
    S3: full,
    Aurora: full,
    DynamoDB: full,
    FSx: true,
    Redshift: full,
  }
  cell.state.backup.resourceTypeManagement = { DynamoDB: full, EFS: true }
  plantVolume(cell, { key: managedKey(cell, 'ebs'), name: 'bastion' })
}

/** Plants an ordinary workload in the cell and returns its vault and keys. */
export function plantWorkload(cell: Cell, density: number, pointsPerVault: number) {
  const { random } = cell
  const rotation = () => (random.chance(0.8) ? 'rotating' : 'not-rotating')
  const dataKey = plantKey(cell, rotation(), 'data', 'Live data')
  const vaultKey = plantKey(cell, rotation(), 'backups', 'Backups')
  plantKey(cell, 'asymmetric', 'release-signing')
  const vault = plantVault(cell, {
    name: 'workload',
    key: random.chance(0.75) ? vaultKey : managedKey(cell, 'backup'),
    lock: random.pick(['none', 'none', 'governance', 'cooling-off', 'compliance', 'compliance']),
    ...(random.chance(0.7)
      ? { policy: variedPolicy(cell, new Random(`${cell.accountId}/${cell.region}/vault-policy`)) }
      : {}),
    notifications: random.chance(0.4),
  })
  plantPlan(cell, { name: 'daily', target: vault })
  plantPoints(vault, dataKey, pointsPerVault)
  for (let i = 0; i < density; i++) {
    plantDisks(cell, dataKey)
    plantDatabases(cell, dataKey, i)
  }
  return { vault, dataKey, vaultKey }
}

function plantPoints(vault: Vault, dataKey: Key, atLeast: number): void {
  const { cell } = vault
  const { random } = cell
  plantRecoveryPoint(vault, { type: 'EBS', key: dataKey, name: 'orders data' })
  // The classic false green: the vault has a key, the point in it has none.
  if (random.chance(0.35)) plantRecoveryPoint(vault, { type: 'EBS', key: 'none' })
  plantRecoveryPoint(vault, {
    type: 'RDS',
    key: random.chance(0.7) ? dataKey : managedKey(cell, 'rds'),
  })
  plantRecoveryPoint(vault, { type: 'EFS', keyNotReported: random.chance(0.5) })
  plantRecoveryPoint(vault, { type: 'S3' })
  plantRecoveryPoint(vault, { type: 'DynamoDB', key: tableKey(vault, dataKey) })
  if (random.chance(0.3)) {
    const parentArn = plantRecoveryPoint(vault, { type: 'CloudFormation', isParent: true })
    plantRecoveryPoint(vault, { type: 'EBS', key: dataKey, parentArn })
  }
  if (random.chance(0.3)) {
    const parentArn = plantRecoveryPoint(vault, { type: 'EC2', key: 'none', isParent: true })
    plantRecoveryPoint(vault, { type: 'EBS', key: dataKey, parentArn })
  }
  if (random.chance(0.2)) plantRecoveryPoint(vault, { type: 'EBS', status: 'DELETING' })
  while ((vault.member.NumberOfRecoveryPoints ?? 0) < atLeast)
    plantRecoveryPoint(vault, {
      type: random.pick(['EFS', 'S3', 'DynamoDB']),
      key: tableKey(vault, dataKey),
    })
}

/** Where AWS Backup manages DynamoDB's backups they have the vault's key, else the table's. */
function tableKey({ cell, key }: Vault, dataKey: Key): PointKey {
  if (cell.state.backup.resourceTypeManagement.DynamoDB) return key ?? 'aws-owned'
  return cell.random.chance(0.6) ? dataKey : 'aws-owned'
}

function plantDisks(cell: Cell, dataKey: Key): void {
  const { random } = cell
  const keyOrNone = (share: number) => (random.chance(share) ? dataKey : undefined)
  plantVolume(cell, { key: keyOrNone(0.9), name: 'app' })
  plantVolume(cell, { key: keyOrNone(0.7), name: 'scratch', state: 'available' })
  if (random.chance(0.2)) plantVolume(cell, { state: 'deleting' })
  plantSnapshot(cell, { key: keyOrNone(0.8), name: 'before-migration' })
  plantSnapshot(cell, { key: managedKey(cell, 'ebs'), archived: random.chance(0.3) })
  if (random.chance(0.1)) plantSnapshot(cell, { isPublic: true, name: 'shared-with-vendor' })
  if (random.chance(0.5))
    plantImage(cell, {
      name: `golden-${random.hex(6)}`,
      devices: [dataKey, random.chance(0.7) ? dataKey : 'none'],
    })
  if (random.chance(0.05))
    plantImage(cell, { name: `public-${random.hex(6)}`, devices: ['none'], isPublic: true })
}

function plantDatabases(cell: Cell, dataKey: Key, index: number): void {
  const { random } = cell
  const storage = () => {
    const way = random.pick(['key', 'key', 'key', 'sse-rds', 'none'])
    return way === 'key' ? { key: dataKey } : { sseRds: way === 'sse-rds' }
  }
  const instance = { ...storage(), name: `orders-${index + 1}` }
  plantDbInstance(cell, instance)
  plantAutomatedBackup(cell, { ...instance, source: instance.name })
  plantDbSnapshot(cell, { ...instance, source: instance.name, automated: random.chance(0.5) })
  if (random.chance(0.5)) return
  const cluster = { ...storage(), name: `catalog-${index + 1}` }
  plantDbCluster(cell, cluster)
  plantAutomatedBackup(cell, { ...cluster, kind: 'cluster', source: cluster.name })
  plantDbSnapshot(cell, { ...cluster, kind: 'cluster', source: cluster.name })
}
