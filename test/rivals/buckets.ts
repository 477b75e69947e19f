import { s3Of } from '../../simulator/operations/s3.ts'
import { NOW } from '../support/simulated.ts'
import type { Place } from './organization.ts'

interface BucketOptions {
  key?: string
  /** Whether it is versioned and locked. */
  locked?: boolean
  /** The bucket that it is replicated to, objects under KMS keys included. */
  to?: string
  replicaKey?: string
}

/** Puts a bucket into the place and returns its ARN. */
export function addBucket(place: Place, Name: string, options: BucketOptions): string {
  const { key, locked, to, replicaKey } = options
  const byDefault = key
    ? { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: key }
    : { SSEAlgorithm: 'AES256' as const }
  s3Of(place.state).buckets.push({
    Name,
    CreationDate: NOW,
    encryption: { Rules: [{ ApplyServerSideEncryptionByDefault: byDefault }] },
    versioning: { Status: 'Enabled' },
    ...(locked
      ? {
          objectLock: {
            ObjectLockEnabled: 'Enabled',
            Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 35 } },
          },
        }
      : {}),
    ...(to ? { replication: { Role: role(place), Rules: [ruleTo(to, replicaKey)] } } : {}),
  })
  return `arn:aws:s3:::${Name}`
}

function role({ accountId }: Place): string {
  return `arn:aws:iam::${accountId}:role/replication`
}

function ruleTo(bucket: string, ReplicaKmsKeyID: string | undefined) {
  return {
    ID: `to-${bucket}`,
    Priority: 1,
    Status: 'Enabled' as const,
    Filter: { Prefix: '' },
    DeleteMarkerReplication: { Status: 'Disabled' as const },
    SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' as const } },
    Destination: {
      Bucket: `arn:aws:s3:::${bucket}`,
      ...(ReplicaKmsKeyID ? { EncryptionConfiguration: { ReplicaKmsKeyID } } : {}),
    },
  }
}
