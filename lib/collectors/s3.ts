import {
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  type ReplicationRule,
  S3Client,
  type ServerSideEncryptionRule,
} from '@aws-sdk/client-s3'
import type { Cell, Item } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { boolean, defineTable, int, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { kmsArn } from './normalize.ts'

const tables = {
  s3_buckets: defineTable('S3 buckets, one row each, in the Region that the bucket is in.', {
    arn: string('ARN of the bucket.'),
    name: string('Name of the bucket; no other bucket of the partition has it.'),
    created_at: timestamp('When it was created.'),
  }),
  s3_bucket_encryption: defineTable('Default encryption of S3 buckets, one row each.', {
    bucket_arn: string('ARN of the bucket.'),
    algorithm: string('`AES256`, `aws:kms`, `aws:kms:dsse` …'),
    key_class: string(
      'Whose key it is where none is named: `AWS_OWNED` (S3’s own) or `AWS_MANAGED` (`aws/s3`).',
    ),
    kms_key_arn: string(
      'KMS key that is named: its ARN, or the ARN of an alias; none for the AWS managed key.',
    ),
    bucket_key_enabled: boolean('Whether an S3 Bucket Key is used.'),
    blocked_encryption_types: string('Encryption types that are refused, as a JSON list.'),
  }),
  s3_bucket_versioning: defineTable('Versioning of S3 buckets, one row each.', {
    bucket_arn: string('ARN of the bucket.'),
    status: string('`Enabled` or `Suspended`; none: never switched on.'),
    mfa_delete: boolean('Whether deleting a version takes a second factor.'),
  }),
  s3_bucket_object_lock: defineTable('Object Lock of S3 buckets, one row each.', {
    bucket_arn: string('ARN of the bucket.'),
    enabled: boolean('Whether Object Lock is on.'),
    mode: string('Default retention: `GOVERNANCE` or `COMPLIANCE`; none: there is no default.'),
    days: int('Days of the default retention; either these or years are given.'),
    years: int('Years of the default retention.'),
  }),
  s3_bucket_public_access: defineTable(
    'Block Public Access of S3 buckets, one row each; what their account blocks comes on top.',
    {
      bucket_arn: string('ARN of the bucket.'),
      block_public_acls: boolean('Whether public ACLs are refused.'),
      ignore_public_acls: boolean('Whether public ACLs are ignored.'),
      block_public_policy: boolean('Whether public bucket policies are refused.'),
      restrict_public_buckets: boolean('Whether a public policy grants nothing to outsiders.'),
    },
  ),
  s3_bucket_policies: defineTable('Policies of S3 buckets; a bucket without one has no row.', {
    bucket_arn: string('ARN of the bucket.'),
    policy: string('The policy document as stored.'),
  }),
  s3_replication_rules: defineTable('Replication rules of S3 buckets, one row each.', {
    bucket_arn: string('ARN of the source bucket.'),
    rule_id: string('Id of the rule.'),
    role_arn: string('Role that S3 replicates with.'),
    enabled: boolean('Whether the rule is on.'),
    priority: int('Which rule wins; the highest number does.'),
    destination_bucket_arn: string('ARN of the destination bucket.'),
    destination_account_id: string(
      'Account that becomes the owner of replicas, where one is named.',
    ),
    changes_owner: boolean('Whether replicas belong to the destination bucket’s owner.'),
    storage_class: string('Storage class of the replicas.'),
    replicates_kms_objects: boolean(
      'Whether objects under KMS keys are replicated; without it they silently are not.',
    ),
    replica_kms_key: string('KMS key of the replicas, as given: ARN of a key or an alias.'),
    uses_source_multi_region_key: boolean(
      'Whether replicas are encrypted with the source’s multi-Region key in their own Region.',
    ),
    replicates_delete_markers: boolean('Whether deletions are replicated as delete markers.'),
    replicates_existing_objects: boolean('Whether objects from before the rule are replicated.'),
  }),
}

type S3Cell = Cell<typeof tables>

interface Bucket extends Item {
  name: string
  region: string
}

/** Facts of a bucket that are read by a call each: one that is refused takes none of the others along. */
const FACTS = [
  's3_bucket_encryption',
  's3_bucket_versioning',
  's3_bucket_object_lock',
  's3_bucket_public_access',
  's3_bucket_policies',
  's3_replication_rules',
] as const

/**
 * Buckets are listed once for the whole account, wherever they are, and read in their own Region: one outside the run's scope
 * may be the destination of replicas, and is as much the account's as any other.
 */
export default defineCollector({
  service: 's3',
  scope: 'account',
  actions: [
    's3:GetBucketObjectLockConfiguration',
    's3:GetBucketPolicy',
    's3:GetBucketPublicAccessBlock',
    's3:GetBucketVersioning',
    's3:GetEncryptionConfiguration',
    's3:GetReplicationConfiguration',
    's3:ListAllMyBuckets',
  ],
  tables,
  async collect(cell) {
    const buckets: Bucket[] = []
    await cell.read(['s3_buckets', ...FACTS], () => listBuckets(cell, buckets))
    await cell.perItem([...FACTS], buckets, (bucket) => readBucket(cell, bucket))
  },
})

/** The Region of a bucket is answered only where a parameter is sent, so the page size must be. */
async function listBuckets(cell: S3Cell, buckets: Bucket[]): Promise<void> {
  const tokens = { request: 'ContinuationToken', response: 'ContinuationToken' }
  const pages = cell.pages(S3Client, ListBucketsCommand, { MaxBuckets: 1000 }, tokens)
  for await (const page of pages) {
    for (const { Name, BucketRegion, CreationDate } of page.Buckets ?? []) {
      if (!Name || !BucketRegion) throw new Error(`s3 named no Region for the bucket ${Name}`)
      const arn = `arn:${cell.partition}:s3:::${Name}`
      const row = { arn, name: Name, created_at: CreationDate, region: BucketRegion }
      await cell.put('s3_buckets', row)
      buckets.push({ arn, name: Name, region: BucketRegion })
    }
  }
}

type Fact = (typeof FACTS)[number]

/** A list may still name a bucket that is gone: that is no gap. */
async function readBucket(cell: S3Cell, bucket: Bucket): Promise<void> {
  const reading = (fact: Fact, read: (cell: S3Cell, bucket: Bucket) => Promise<void>) =>
    cell.read(fact, () => absentIf(['NoSuchBucket'], () => read(cell, bucket)), bucket)
  await Promise.all([
    reading('s3_bucket_encryption', readEncryption),
    reading('s3_bucket_versioning', readVersioning),
    reading('s3_bucket_object_lock', readObjectLock),
    reading('s3_bucket_public_access', readPublicAccess),
    reading('s3_bucket_policies', readPolicy),
    reading('s3_replication_rules', readReplication),
  ])
}

async function readEncryption(cell: S3Cell, { arn, name, region }: Bucket): Promise<void> {
  const command = new GetBucketEncryptionCommand({ Bucket: name })
  const answer = await cell.call(S3Client, command, region)
  const [rule] = answer.ServerSideEncryptionConfiguration?.Rules ?? []
  const blocked = rule?.BlockedEncryptionTypes?.EncryptionType
  await cell.put('s3_bucket_encryption', {
    region,
    bucket_arn: arn,
    ...keyOf(rule, { ...cell, region }),
    bucket_key_enabled: rule?.BucketKeyEnabled,
    blocked_encryption_types: blocked && JSON.stringify(blocked),
  })
}

/** KMS without a key, or with the reserved alias, is the AWS managed key of the bucket's account. */
function keyOf(rule: ServerSideEncryptionRule | undefined, place: Parameters<typeof kmsArn>[1]) {
  const { SSEAlgorithm, KMSMasterKeyID } = rule?.ApplyServerSideEncryptionByDefault ?? {}
  const named = kmsArn(KMSMasterKeyID, place)
  const managed = named === undefined || named.endsWith(':alias/aws/s3')
  if (SSEAlgorithm === 'AES256') return { algorithm: SSEAlgorithm, key_class: 'AWS_OWNED' }
  if (managed && (SSEAlgorithm === 'aws:kms' || SSEAlgorithm === 'aws:kms:dsse')) {
    return { algorithm: SSEAlgorithm, key_class: 'AWS_MANAGED' }
  }
  return { algorithm: SSEAlgorithm, kms_key_arn: named }
}

async function readVersioning(cell: S3Cell, { arn, name, region }: Bucket): Promise<void> {
  const command = new GetBucketVersioningCommand({ Bucket: name })
  const { Status, MFADelete } = await cell.call(S3Client, command, region)
  const row = { region, bucket_arn: arn, status: Status, mfa_delete: MFADelete === 'Enabled' }
  await cell.put('s3_bucket_versioning', row)
}

async function readObjectLock(cell: S3Cell, { arn, name, region }: Bucket): Promise<void> {
  const command = new GetObjectLockConfigurationCommand({ Bucket: name })
  const answer = await absentIf(['ObjectLockConfigurationNotFoundError'], () =>
    cell.call(S3Client, command, region),
  )
  const lock = answer && told(answer, 'ObjectLockConfiguration')
  const retention = lock?.Rule?.DefaultRetention
  await cell.put('s3_bucket_object_lock', {
    region,
    bucket_arn: arn,
    enabled: lock?.ObjectLockEnabled === 'Enabled',
    mode: retention?.Mode,
    days: retention?.Days,
    years: retention?.Years,
  })
}

/** Where nothing was configured, nothing is blocked. */
async function readPublicAccess(cell: S3Cell, { arn, name, region }: Bucket): Promise<void> {
  const command = new GetPublicAccessBlockCommand({ Bucket: name })
  const answer = await absentIf(['NoSuchPublicAccessBlockConfiguration'], () =>
    cell.call(S3Client, command, region),
  )
  const block = answer && told(answer, 'PublicAccessBlockConfiguration')
  await cell.put('s3_bucket_public_access', {
    region,
    bucket_arn: arn,
    block_public_acls: block?.BlockPublicAcls ?? false,
    ignore_public_acls: block?.IgnorePublicAcls ?? false,
    block_public_policy: block?.BlockPublicPolicy ?? false,
    restrict_public_buckets: block?.RestrictPublicBuckets ?? false,
  })
}

async function readPolicy(cell: S3Cell, { arn, name, region }: Bucket): Promise<void> {
  const command = new GetBucketPolicyCommand({ Bucket: name })
  const answer = await absentIf(['NoSuchBucketPolicy'], () => cell.call(S3Client, command, region))
  if (!answer) return
  await cell.put('s3_bucket_policies', { region, bucket_arn: arn, policy: told(answer, 'Policy') })
}

async function readReplication(cell: S3Cell, bucket: Bucket): Promise<void> {
  const command = new GetBucketReplicationCommand({ Bucket: bucket.name })
  const answer = await absentIf(['ReplicationConfigurationNotFoundError'], () =>
    cell.call(S3Client, command, bucket.region),
  )
  if (!answer) return
  const configuration = told(answer, 'ReplicationConfiguration')
  for (const rule of told(configuration, 'Rules')) {
    await putRule(cell, bucket, rule, configuration.Role)
  }
}

/** A rule of the first version, which has no filter, replicates the markers without being told. */
function replicatesDeleteMarkers({ DeleteMarkerReplication, Filter }: ReplicationRule): boolean {
  return DeleteMarkerReplication ? DeleteMarkerReplication.Status === 'Enabled' : !Filter
}

async function putRule(
  cell: S3Cell,
  { arn, region }: Bucket,
  rule: ReplicationRule,
  role: string | undefined,
): Promise<void> {
  const { Destination: destination, SourceSelectionCriteria: selection } = rule
  const encryption = destination?.EncryptionConfiguration
  await cell.put('s3_replication_rules', {
    region,
    bucket_arn: arn,
    rule_id: rule.ID,
    role_arn: role,
    enabled: told(rule, 'Status') === 'Enabled',
    priority: rule.Priority,
    destination_bucket_arn: destination?.Bucket,
    destination_account_id: destination?.Account,
    changes_owner: destination?.AccessControlTranslation?.Owner === 'Destination',
    storage_class: destination?.StorageClass,
    replicates_kms_objects: selection?.SseKmsEncryptedObjects?.Status === 'Enabled',
    replica_kms_key: encryption?.ReplicaKmsKeyID,
    uses_source_multi_region_key: encryption?.UseSourceMultiRegionKey?.Status === 'Enabled',
    replicates_delete_markers: replicatesDeleteMarkers(rule),
    replicates_existing_objects: rule.ExistingObjectReplication?.Status === 'Enabled',
  })
}
