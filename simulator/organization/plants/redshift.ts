import type { Cluster, Snapshot } from '@aws-sdk/client-redshift'
import type { SnapshotStatus } from '@aws-sdk/client-redshift-serverless'
import { redshiftOf } from '../../operations/redshift.ts'
import { redshiftServerlessOf } from '../../operations/redshift-serverless.ts'
import { arnOf, type Cell, type Key, past, verdict } from '../cell.ts'
import { foreignKey, goneKey } from '../keys.ts'
import { oddNames } from '../odd-names.ts'
import { definePlant } from '../plant.ts'

const both = ['redshift', 'redshift-serverless']

const SHARED = 'snapshots-are-shared-only-with-trusted-accounts'

/** An account that is nobody's here. */
const vendor = '999988887777'

/** A word in the place of a key's ARN. */
const AWS_OWNED = 'AWS_OWNED_KMS_KEY'

/** Where AWS does not offer Redshift Serverless. */
const WITHOUT_SERVERLESS = new Set(['me-south-1'])

/** Redshift clusters, Redshift Serverless namespaces, and the snapshots of both. */
export default definePlant({
  controls: {
    'redshift-clusters-are-encrypted': ['redshift'],
    'redshift-snapshots-are-encrypted': both,
    'backup-keys-are-usable': both,
    'backup-keys-rotate': both,
    [SHARED]: both,
  },
  plant(cell, { account, workload, density, story, random, organization, dataKey }) {
    if (!workload) return
    const own: Cell = { ...cell, random }
    if (story && account === 'payments-prod' && cell.region === 'us-east-1') plantTraps(own)
    for (let i = 1; i <= density; i++) {
      if (random.chance(0.5)) {
        plantWarehouse(own, `dwh-${i}`, dataKey)
        const peer = random.pick([organization.managementAccountId, ...organization.accountIds])
        const shares = random.chance(0.5) ? [peer] : [peer, vendor]
        if (random.chance(0.5)) plantSnapshot(own, { cluster: `dwh-${i}`, key: dataKey, shares })
      }
      if (random.chance(0.3) && !WITHOUT_SERVERLESS.has(cell.region))
        plantNamespace(own, `reports-${i}`, dataKey)
    }
  },
})

function plantWarehouse(cell: Cell, name: string, dataKey: Key): void {
  const { random } = cell
  const key = random.chance(0.3) ? undefined : random.pick<KeyOf>([dataKey, AWS_OWNED])
  plantCluster(cell, name, key)
  plantSnapshot(cell, { cluster: name, key, automated: true })
  plantSnapshot(cell, { cluster: name, key })
  if (random.chance(0.3)) plantSnapshot(cell, { cluster: name, key, byBackup: true })
  // Taken before the cluster was encrypted.
  if (random.chance(0.3)) plantSnapshot(cell, { cluster: name })
}

function plantNamespace(cell: Cell, name: string, dataKey: Key): void {
  const { random } = cell
  const key = random.pick<KeyOf>([dataKey, AWS_OWNED])
  const id = random.uuid()
  redshiftServerlessOf(cell.state).namespaces.push({
    namespaceArn: arnOf(cell, 'redshift-serverless', `namespace/${id}`),
    namespaceId: id,
    namespaceName: name,
    kmsKeyId: keyId(key),
    status: 'AVAILABLE',
    creationDate: past(cell),
  })
  plantServerlessSnapshot(cell, { namespace: name, key })
  if (random.chance(0.3)) plantServerlessSnapshot(cell, { namespace: name, key, byBackup: true })
}

/**
 * What must not be judged fills the first page of each list, so that the others come on the second; then keys that are gone or
 * foreign, a module's keys, and snapshots whose cluster is gone.
 */
function plantTraps(cell: Cell): void {
  for (let i = 0; i < 100; i++) {
    plantSnapshot(cell, { cluster: 'old-dwh', byBackup: true })
    plantServerlessSnapshot(cell, { namespace: 'old-reports', status: 'FAILED' })
  }
  plantSnapshot(cell, { cluster: 'old-dwh', status: 'failed' })
  plantSnapshot(cell, { cluster: 'old-dwh', status: 'final snapshot' })
  plantSnapshot(cell, { cluster: 'old-dwh', key: goneKey(cell) })
  plantSnapshot(cell, { cluster: 'old-dwh', key: foreignKey(cell) })
  plantSnapshot(cell, { cluster: 'old-dwh', hsm: true })
  plantServerlessSnapshot(cell, { namespace: 'old-reports', key: goneKey(cell) })
  plantServerlessSnapshot(cell, { namespace: 'old-reports', status: 'AVAILABLE' })
}

/** A key, one that AWS owns, or none. */
type KeyOf = Key | typeof AWS_OWNED | undefined

function keyId(key: KeyOf): string | undefined {
  return typeof key === 'object' ? key.arn : key
}

function plantCluster(cell: Cell, name: string, key: KeyOf): void {
  const { random } = cell
  const copied: Pick<Cluster, 'ClusterSnapshotCopyStatus'> = random.chance(0.3)
    ? { ClusterSnapshotCopyStatus: { DestinationRegion: 'eu-west-3', RetentionPeriod: 7 } }
    : {}
  redshiftOf(cell.state).clusters.push({
    ClusterIdentifier: name,
    ClusterNamespaceArn: arnOf(cell, 'redshift', `namespace:${random.uuid()}`),
    ClusterStatus: 'available',
    ClusterCreateTime: past(cell),
    Encrypted: key !== undefined,
    ...(key ? { KmsKeyId: keyId(key) } : {}),
    AutomatedSnapshotRetentionPeriod: random.pick([0, 1, 35]),
    ManualSnapshotRetentionPeriod: -1,
    MultiAZ: 'Disabled',
    Tags: [{ Key: 'team', Value: random.pick(oddNames) }],
    ...copied,
  })
  const resource = [arnOf(cell, 'redshift', `cluster:${name}`), 'AwsRedshiftCluster'] as const
  const status = verdict(key !== undefined)
  cell.ledger.expect(cell, 'redshift', 'redshift-clusters-are-encrypted', status, resource)
}

interface SnapshotOptions {
  cluster: string
  /** undefined: not encrypted. */
  key?: KeyOf
  automated?: boolean
  /** AWS Backup made it: it is judged as a recovery point. */
  byBackup?: boolean
  /** Keys of a hardware security module encrypt it. */
  hsm?: boolean
  status?: string
  /** Accounts that may restore it. */
  shares?: string[]
}

function plantSnapshot(cell: Cell, options: SnapshotOptions): void {
  const { cluster, key, automated = false, byBackup = false, hsm = false, shares } = options
  const { random } = cell
  const named = automated ? `rs:${cluster}-${random.hex(8)}` : `${cluster}-${random.hex(8)}`
  const name = byBackup ? `awsbackup:job-${random.uuid()}` : named
  const arn = arnOf(cell, 'redshift', `snapshot:${cluster}/${name}`)
  const encrypted = key !== undefined || hsm
  const snapshot: Snapshot = {
    SnapshotIdentifier: name,
    SnapshotArn: arn,
    ClusterIdentifier: cluster,
    SnapshotType: automated ? 'automated' : 'manual',
    Status: options.status ?? 'available',
    SnapshotCreateTime: past(cell),
    Encrypted: encrypted,
    EncryptedWithHSM: hsm,
    ...(key ? { KmsKeyId: keyId(key) } : {}),
    OwnerAccount: cell.accountId,
    ...(shares ? { AccountsWithRestoreAccess: shares.map((AccountId) => ({ AccountId })) } : {}),
    ManualSnapshotRetentionPeriod: -1,
    Tags: [{ Key: 'why', Value: random.pick(oddNames) }],
  }
  redshiftOf(cell.state).snapshots.push(snapshot)
  if (shares) {
    const status = verdict(!shares.includes(vendor))
    cell.ledger.expect(cell, 'redshift', SHARED, status, [arn, 'AwsRedshiftClusterSnapshot'])
  }
  if (byBackup || options.status === 'failed') return
  const resource = [arn, 'AwsRedshiftClusterSnapshot'] as const
  const control = 'redshift-snapshots-are-encrypted'
  cell.ledger.expect(cell, 'redshift', control, verdict(encrypted), resource)
  if (typeof key === 'object') cell.ledger.hang(cell, 'redshift', key)
}

interface ServerlessSnapshotOptions {
  namespace: string
  /** undefined: AWS names none, so that nothing can be said. */
  key?: KeyOf
  byBackup?: boolean
  status?: SnapshotStatus
}

function plantServerlessSnapshot(cell: Cell, options: ServerlessSnapshotOptions): void {
  const { namespace, key, byBackup = false, status = 'AVAILABLE' } = options
  const { random } = cell
  const id = random.uuid()
  const arn = arnOf(cell, 'redshift-serverless', `snapshot/${id}`)
  redshiftServerlessOf(cell.state).snapshots.push({
    snapshotName: byBackup ? `awsbackup:job-${id}` : `${namespace}-${id.slice(0, 8)}`,
    snapshotArn: arn,
    namespaceName: namespace,
    namespaceArn: arnOf(cell, 'redshift-serverless', `namespace/${random.uuid()}`),
    status,
    snapshotCreateTime: past(cell),
    snapshotRetentionPeriod: -1,
    ownerAccount: cell.accountId,
    ...(key ? { kmsKeyId: keyId(key) } : {}),
  })
  if (byBackup || status === 'FAILED') return
  const resource = [arn, 'AwsRedshiftServerlessSnapshot'] as const
  const said = key ? 'pass' : 'unknown'
  const control = 'redshift-snapshots-are-encrypted'
  cell.ledger.expect(cell, 'redshift-serverless', control, said, resource)
  if (typeof key === 'object') cell.ledger.hang(cell, 'redshift-serverless', key)
}
