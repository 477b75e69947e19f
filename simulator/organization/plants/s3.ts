import type { ReplicationRule, ServerSideEncryptionByDefault } from '@aws-sdk/client-s3'
import { type SimulatedBucket, s3Of } from '../../operations/s3.ts'
import { type Cell, type Key, past, type Status, verdict } from '../cell.ts'
import { foreignKey } from '../keys.ts'
import { oddNames } from '../odd-names.ts'
import { definePlant, type Soil } from '../plant.ts'
import { encryptedTransportOnly } from '../store-policies.ts'

/** Where buckets replicate to: every account has this Region. */
const HOME = 'us-east-1'
/** A bucket of one account that several others replicate to. */
export const ISOLATED = 'example-organization-isolated-replicas'

const KEYS = 's3-buckets-use-approved-keys'
const REPLICA_KEYS = 's3-replicas-use-destination-keys'
const KMS_OBJECTS = 's3-replication-includes-kms-objects'
const BACKUPS = 'backup-buckets-are-versioned-and-locked'

/** Plants buckets of data, and the buckets that they replicate to. */
export default definePlant({
  controls: { [KEYS]: ['s3'], [REPLICA_KEYS]: ['s3'], [KMS_OBJECTS]: ['s3'], [BACKUPS]: ['s3'] },
  plant(given, soil) {
    if (!soil.workload) return
    // Keys that are made here take their randomness from the soil, so that the rest of the organization stays as it is.
    const cell = { ...given, random: soil.random }
    plantData(cell, soil)
    if (soil.random.chance(0.5)) plantBucket(cell, { stem: `${soil.account}-assets`, key: 'S3' })
    if (soil.story && cell.region === HOME) plantStory(cell, soil)
  },
})

function plantData(cell: Cell, { account, dataKey, random }: Soil): void {
  const stem = `${account}-replicas`
  const inHome = cell.region !== HOME && random.chance(0.5)
  const region = inHome ? HOME : cell.region
  if (!inHome) plantBackupBucket(cell, { stem, key: dataKey })
  const right = `arn:aws:kms:${region}:${cell.accountId}:alias/data`
  const wrong = right.replace(region, region === HOME ? 'eu-west-1' : HOME)
  const ways = ['ARN', 'ARN', 'id', 'alias', 'alias ARN'] as const
  const key = random.pick<BucketOptions['key']>([dataKey, dataKey, dataKey, 'aws/s3', 'S3'])
  const rule = {
    id: 'to-replicas',
    // What is planted in this Region to receive replicas does receive some.
    enabled: !inHome || random.chance(0.7),
    replicaKey: random.chance(0.25) ? null : random.pick([right, right, wrong]),
    destination: bucketName(cell, stem, region),
    destinationRegion: region,
  }
  plantBucket(cell, { stem: `${account}-data`, key, by: random.pick(ways), rules: [rule] })
}

/** Plants a bucket that receives backups by a rule or an export that an audit can read. */
export function plantBackupBucket(cell: Cell, options: BucketOptions): void {
  const way = cell.random.pick(['locked', 'locked', 'no default', 'versioned', 'suspended'])
  const locked = way === 'locked' || way === 'no default'
  const retention = {
    Mode: 'COMPLIANCE' as const,
    ...(cell.random.chance(0.5) ? { Days: 35 } : { Years: 1 }),
  }
  const rule = way === 'locked' ? { Rule: { DefaultRetention: retention } } : {}
  const resource = plantBucket(cell, {
    ...options,
    versioning: way === 'suspended' ? 'Suspended' : 'Enabled',
    ...(locked ? { objectLock: { ObjectLockEnabled: 'Enabled' as const, ...rule } } : {}),
  })
  cell.ledger.expect(cell, 's3', BACKUPS, verdict(locked), resource)
}

export interface BucketOptions {
  stem: string
  /** The whole name, where it is not to be told from another's by account and Region. */
  name?: string
  key: Key | 'aws/s3' | 'S3'
  /** How the key is named. */
  by?: 'ARN' | 'id' | 'alias' | 'alias ARN' | 'a retired alias'
  versioning?: 'Enabled' | 'Suspended'
  objectLock?: SimulatedBucket['objectLock']
  rules?: RuleOptions[]
}

/** Plants a bucket with what is expected of its key and of its rules. */
export function plantBucket(
  cell: Cell,
  options: BucketOptions,
): readonly [arn: string, type: string] {
  const { stem, name = bucketName(cell, stem, cell.region), key, rules, objectLock } = options
  const versioning = options.versioning ?? (rules ? 'Enabled' : undefined)
  s3Of(cell.state).buckets.push({
    Name: name,
    CreationDate: past(cell),
    encryption: { Rules: [encryptionRule(cell, options)] },
    ...(versioning ? { versioning: { Status: versioning } } : {}),
    ...(objectLock ? { objectLock } : {}),
    ...(cell.random.chance(0.8) ? { publicAccessBlock: blocked } : {}),
    ...(rules ? { replication: { Role: role(cell), Rules: rules.map(replicationRule) } } : {}),
    ...(rules ? { policy: encryptedTransportOnly(`arn:aws:s3:::${name}`) } : {}),
  })
  const resource = [`arn:aws:s3:::${name}`, 'AwsS3Bucket'] as const
  const approved = typeof key === 'object' && options.by !== 'a retired alias'
  cell.ledger.expect(cell, 's3', KEYS, approved ? key.approved : 'fail', resource)
  expectRules(cell, options, resource)
  return resource
}

const blocked = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
}

const role = ({ accountId }: Cell) => `arn:aws:iam::${accountId}:role/service-role/s3-replication`

/** A bucket's name is the only one in the world. */
export function bucketName({ accountId }: Cell, stem: string, region: string): string {
  return `${stem}-${region}-${accountId}`
}

function encryptionRule(cell: Cell, options: BucketOptions) {
  return {
    ApplyServerSideEncryptionByDefault: encryptionDefault(cell, options),
    BucketKeyEnabled: cell.random.chance(0.5),
    BlockedEncryptionTypes: { EncryptionType: ['SSE-C' as const] },
  }
}

function encryptionDefault(
  { random, region, accountId }: Cell,
  { key, by = 'ARN' }: BucketOptions,
): ServerSideEncryptionByDefault {
  if (key === 'S3') return { SSEAlgorithm: 'AES256' }
  const kms = { SSEAlgorithm: random.chance(0.2) ? 'aws:kms:dsse' : 'aws:kms' } as const
  const aliases = `arn:aws:kms:${region}:${accountId}:alias`
  if (key === 'aws/s3') {
    return random.chance(0.5) ? kms : { ...kms, KMSMasterKeyID: `${aliases}/aws/s3` }
  }
  const names = {
    ARN: key.arn,
    id: key.arn.split('/')[1] ?? '',
    alias: 'alias/data',
    'alias ARN': `${aliases}/data`,
    'a retired alias': 'alias/retired',
  }
  return { ...kms, KMSMasterKeyID: names[by] }
}

interface RuleOptions {
  id: string
  enabled: boolean
  /** Key of the replicas; null: objects under KMS keys are left out. */
  replicaKey: string | null
  destination: string
  /** Where that is; undefined: nobody here knows. */
  destinationRegion: string | undefined
}

function replicationRule({ id, enabled, replicaKey, destination }: RuleOptions): ReplicationRule {
  const Bucket = `arn:aws:s3:::${destination}`
  const rule: ReplicationRule = {
    ID: id,
    Priority: 1,
    Status: enabled ? 'Enabled' : 'Disabled',
    Filter: { Prefix: '' },
    DeleteMarkerReplication: { Status: 'Disabled' },
    Destination: { Bucket },
  }
  if (replicaKey === null) return rule
  return {
    ...rule,
    SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
    Destination: { Bucket, EncryptionConfiguration: { ReplicaKmsKeyID: replicaKey } },
  }
}

function expectRules(
  cell: Cell,
  { key, rules = [] }: BucketOptions,
  resource: readonly [string, string],
): void {
  const enabled = rules.filter((rule) => rule.enabled)
  const replicated = enabled.filter((rule) => rule.replicaKey !== null)
  if (replicated.length > 0) {
    const statuses = new Set(replicated.map(replicaStatus))
    const worst = (['fail', 'unknown', 'pass'] as const).find((status) => statuses.has(status))
    cell.ledger.expect(cell, 's3', REPLICA_KEYS, worst ?? 'pass', resource)
  }
  if (enabled.length > 0 && key !== 'S3') {
    const all = replicated.length === enabled.length
    cell.ledger.expect(cell, 's3', KMS_OBJECTS, verdict(all), resource)
  }
}

function replicaStatus({ replicaKey, destinationRegion }: RuleOptions): Status {
  if (destinationRegion === undefined) return 'unknown'
  return verdict(replicaKey?.split(':')[3] === destinationRegion)
}

/** Buckets that are easily judged wrongly. */
function plantStory(cell: Cell, { account, dataKey }: Soil): void {
  const key = `arn:aws:kms:${HOME}:${cell.accountId}:alias/data`
  const rule = { id: 'isolate', enabled: true, replicaKey: key, destinationRegion: HOME }
  if (account === 'backup-vault') {
    plantBackupBucket(cell, { stem: '', name: ISOLATED, key: dataKey })
  }
  if (account === 'payments-prod' || account === 'analytics-prod') {
    const rules = [{ ...rule, destination: ISOLATED }]
    plantBucket(cell, { stem: `${account}-ledger`, key: dataKey, rules })
  }
  if (account === 'orders-prod') {
    const partner = { ...rule, destination: 'a-partner-s-bucket', destinationRegion: undefined }
    plantBucket(cell, { stem: 'exchange', key: dataKey, rules: [partner] })
    plantBucket(cell, { stem: 'retired', key: dataKey, by: 'a retired alias' })
    plantBucket(cell, { stem: 'vendor', key: foreignKey(cell) })
  }
  if (account === 'customer-data-prod') {
    const destination = bucketName(cell, `${account}-replicas`, HOME)
    const odd = oddNames.map((id) => ({ ...rule, id, destination }))
    plantBucket(cell, { stem: 'odd-rules', key: dataKey, rules: odd })
    const [first, ...others] = odd
    const leftOut = { ...rule, id: oddNames[0], destination, replicaKey: null }
    if (first) plantBucket(cell, { stem: 'gaps', key: dataKey, rules: [leftOut, ...others] })
    const off = odd.map((each) => ({ ...each, enabled: false }))
    plantBucket(cell, { stem: 'switched-off', key: dataKey, rules: off })
  }
}
