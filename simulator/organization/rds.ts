import { arnOf, type Cell, days, type Key, past, verdict } from './cell.ts'

/** How storage is encrypted: by a key, by one that RDS owns (`sse-rds`), or not. */
export interface StorageOptions {
  key?: Key | undefined
  /** The newer default: the old boolean says false, the storage is encrypted all the same. */
  sseRds?: boolean
}

function storage({ key, sseRds = false }: StorageOptions) {
  return {
    encrypted: key !== undefined || sseRds,
    boolean: key !== undefined,
    type: { StorageEncryptionType: storageType(key, sseRds) },
    key: key ? { KmsKeyId: key.arn } : {},
  }
}

function storageType(key: Key | undefined, sseRds: boolean) {
  if (key) return 'sse-kms' as const
  return sseRds ? ('sse-rds' as const) : ('none' as const)
}

/** Plants a DB instance; a member of a cluster is judged at its cluster. */
export function plantDbInstance(
  cell: Cell,
  options: StorageOptions & {
    name: string
    cluster?: string
    engine?: string
    status?: string
    /** 0: automated backups are off. */
    retentionDays?: number
    /** The instance that it is a read replica of, whose backups are the ones that count. */
    replicaOf?: string
  },
): string {
  const { name, cluster, engine = 'postgres', status = 'available' } = options
  const { retentionDays = 7, replicaOf } = options
  const made = storage(options)
  const arn = arnOf(cell, 'rds', `db:${name}`)
  cell.state.rds.instances.push({
    DBInstanceIdentifier: name,
    DBInstanceArn: arn,
    DbiResourceId: `db-${cell.random.text(26, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')}`,
    DBInstanceClass: 'db.m7g.large',
    DBInstanceStatus: status,
    Engine: engine,
    ...(cluster ? { DBClusterIdentifier: cluster } : {}),
    ...(replicaOf ? { ReadReplicaSourceDBInstanceIdentifier: replicaOf } : {}),
    StorageEncrypted: made.boolean,
    ...made.type,
    ...made.key,
    BackupRetentionPeriod: retentionDays,
    DeletionProtection: cell.random.chance(0.6),
    InstanceCreateTime: past(cell),
    TagList: [{ Key: 'backup', Value: 'daily' }],
  })
  const expect = (control: string, passes: boolean) =>
    cell.ledger.expect(cell, 'rds', control, verdict(passes), [arn, 'AwsRdsDbInstance'])
  if (!cluster) expect('rds-instances-are-encrypted', made.encrypted)
  if (!cluster && !replicaOf && status !== 'deleting')
    expect('point-in-time-recovery-is-on', retentionDays > 0)
  return arn
}

/** Plants a DB cluster with its members. */
export function plantDbCluster(
  cell: Cell,
  options: StorageOptions & { name: string; engine?: string; members?: number },
): string {
  const { name, engine = 'aurora-postgresql', members = 2 } = options
  const made = storage(options)
  const arn = arnOf(cell, 'rds', `cluster:${name}`)
  cell.state.rds.clusters.push({
    DBClusterIdentifier: name,
    DBClusterArn: arn,
    DbClusterResourceId: `cluster-${cell.random.text(26, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')}`,
    Engine: engine,
    Status: 'available',
    StorageEncrypted: made.boolean,
    ...made.type,
    ...made.key,
    BackupRetentionPeriod: 14,
    DeletionProtection: true,
    ClusterCreateTime: past(cell),
    TagList: [],
  })
  for (let i = 1; i <= members; i++)
    plantDbInstance(cell, { ...options, name: `${name}-${i}`, cluster: name, engine })
  const resource = [arn, 'AwsRdsDbCluster'] as const
  cell.ledger.expect(cell, 'rds', 'rds-clusters-are-encrypted', verdict(made.encrypted), resource)
  cell.ledger.expect(cell, 'rds', 'point-in-time-recovery-is-on', 'pass', resource)
  return arn
}

/** What is special about a DB or DB cluster snapshot. */
export interface DbSnapshotOptions extends StorageOptions {
  kind?: 'instance' | 'cluster'
  source?: string
  engine?: string
  /** AWS Backup made it: it is judged as a recovery point. */
  byBackup?: boolean
  automated?: boolean
}

/** Plants a snapshot of a DB instance or cluster and returns its ARN. */
export function plantDbSnapshot(cell: Cell, options: DbSnapshotOptions): string {
  const { kind = 'instance', source = 'orders', byBackup = false, automated = false } = options
  const made = storage(options)
  const manualName = `${automated ? 'rds:' : ''}${source}-${cell.random.hex(8)}`
  const name = byBackup ? `awsbackup:job-${cell.random.uuid()}` : manualName
  const manualType = automated ? 'automated' : 'manual'
  const cluster = kind === 'cluster'
  const arn = arnOf(cell, 'rds', `${cluster ? 'cluster-snapshot' : 'snapshot'}:${name}`)
  const common = {
    SnapshotCreateTime: past(cell),
    SnapshotType: byBackup ? 'awsbackup' : manualType,
    Status: 'available',
    AllocatedStorage: 100,
    ...made.type,
    ...made.key,
    TagList: [],
  }
  if (cluster)
    cell.state.rds.clusterSnapshots.push({
      ...common,
      DBClusterSnapshotIdentifier: name,
      DBClusterSnapshotArn: arn,
      DBClusterIdentifier: source,
      Engine: options.engine ?? 'aurora-postgresql',
      StorageEncrypted: made.boolean,
    })
  else
    cell.state.rds.snapshots.push({
      ...common,
      DBSnapshotIdentifier: name,
      DBSnapshotArn: arn,
      DBInstanceIdentifier: source,
      Engine: options.engine ?? 'postgres',
      Encrypted: made.boolean,
    })
  if (byBackup) return arn
  const resource = [arn, cluster ? 'AwsRdsDbClusterSnapshot' : 'AwsRdsDbSnapshot'] as const
  cell.ledger.expect(cell, 'rds', 'rds-snapshots-are-encrypted', verdict(made.encrypted), resource)
  if (options.key) cell.ledger.hang(cell, 'rds', options.key)
  return arn
}

/** Plants automated backups of a DB instance or cluster. */
export function plantAutomatedBackup(
  cell: Cell,
  options: StorageOptions & {
    kind?: 'instance' | 'cluster'
    source: string
    /** Kept after the source was deleted. */
    retained?: boolean
    /** The continuous recovery point that it is, which is judged instead. */
    recoveryPointArn?: string
  },
): void {
  const { kind = 'instance', source, retained = false, recoveryPointArn } = options
  const made = storage(options)
  const cluster = kind === 'cluster'
  const id = cell.random.text(39, 'abcdefghijklmnopqrstuvwxyz0123456789')
  const arn = arnOf(cell, 'rds', `${cluster ? 'cluster-auto-backup:cab' : 'auto-backup:ab'}-${id}`)
  const common = {
    Region: cell.region,
    Status: retained ? 'retained' : 'active',
    BackupRetentionPeriod: 7,
    RestoreWindow: { EarliestTime: days(cell, -7), LatestTime: days(cell, -1) },
    ...made.type,
    ...made.key,
    ...(recoveryPointArn ? { AwsBackupRecoveryPointArn: recoveryPointArn } : {}),
  }
  if (cluster)
    cell.state.rds.clusterAutomatedBackups.push({
      ...common,
      DBClusterAutomatedBackupsArn: arn,
      DBClusterArn: arnOf(cell, 'rds', `cluster:${source}`),
      DBClusterIdentifier: source,
      Engine: 'aurora-postgresql',
      StorageEncrypted: made.boolean,
    })
  else
    cell.state.rds.instanceAutomatedBackups.push({
      ...common,
      DBInstanceAutomatedBackupsArn: arn,
      DBInstanceArn: arnOf(cell, 'rds', `db:${source}`),
      DBInstanceIdentifier: source,
      DbiResourceId: `db-${id.toUpperCase().slice(0, 26)}`,
      Engine: 'postgres',
      Encrypted: made.boolean,
    })
  if (recoveryPointArn) return
  const type = cluster ? 'AwsRdsDbClusterAutomatedBackup' : 'AwsRdsDbAutomatedBackup'
  const passes = verdict(made.encrypted)
  cell.ledger.expect(cell, 'rds', 'rds-automated-backups-are-encrypted', passes, [arn, type])
  if (options.key) cell.ledger.hang(cell, 'rds', options.key)
}
