import type { Resource, ResourceDetails } from '@aws-sdk/client-securityhub'

/** A resource as a finding names it. */
export interface NamedResource {
  arn: string
  /** As the control names it; what the ARN tells when null. */
  type: string | null
  region: string
  partition: string
}

const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'] as const

/** What ASFF has an object for, of what an ARN tells. */
const DETAILS: Record<string, (arn: string) => ResourceDetails> = {
  AwsBackupBackupPlan: (arn) => ({
    AwsBackupBackupPlan: { BackupPlanArn: arn, BackupPlanId: tail(arn) },
  }),
  AwsBackupBackupVault: (arn) => ({
    AwsBackupBackupVault: { BackupVaultArn: arn, BackupVaultName: tail(arn) },
  }),
  AwsBackupRecoveryPoint: (arn) => ({ AwsBackupRecoveryPoint: { RecoveryPointArn: arn } }),
  AwsDynamoDbTable: (arn) => ({ AwsDynamoDbTable: { TableName: tail(arn) } }),
  AwsEc2Volume: (arn) => ({ AwsEc2Volume: { VolumeId: tail(arn) } }),
  AwsIamRole: (arn) => ({ AwsIamRole: { RoleName: tail(arn) } }),
  AwsIamUser: (arn) => ({ AwsIamUser: { UserName: tail(arn) } }),
  AwsKmsKey: (arn) => ({
    AwsKmsKey: { KeyId: tail(arn), ...only('AWSAccountId', arn.split(':')[4]) },
  }),
  AwsRdsDbCluster: (arn) => ({ AwsRdsDbCluster: { DbClusterIdentifier: tail(arn) } }),
  AwsRdsDbClusterSnapshot: (arn) => ({
    AwsRdsDbClusterSnapshot: { DbClusterSnapshotIdentifier: tail(arn) },
  }),
  AwsRdsDbInstance: (arn) => ({ AwsRdsDbInstance: { DBInstanceIdentifier: tail(arn) } }),
  AwsRdsDbSnapshot: (arn) => ({ AwsRdsDbSnapshot: { DbSnapshotIdentifier: tail(arn) } }),
  AwsRedshiftCluster: (arn) => ({ AwsRedshiftCluster: { ClusterIdentifier: tail(arn) } }),
}

/** Types that ASFF names but that have nothing to tell here. */
const BARE = new Set(['AwsAccount', 'AwsS3Bucket'])

/** By service and kind of an ARN, for findings that stand for a vault or a source. */
const TYPES: [pattern: RegExp, type: string][] = [
  [/^arn:[^:]+:backup:[^:]*:[^:]*:backup-vault:/, 'AwsBackupBackupVault'],
  [/^arn:[^:]+:backup:[^:]*:[^:]*:recovery-point:/, 'AwsBackupRecoveryPoint'],
  [/^arn:[^:]+:ec2:[^:]*:[^:]*:volume\//, 'AwsEc2Volume'],
  [/^arn:[^:]+:rds:[^:]*:[^:]*:db:/, 'AwsRdsDbInstance'],
  [/^arn:[^:]+:rds:[^:]*:[^:]*:cluster:/, 'AwsRdsDbCluster'],
  [/^arn:[^:]+:dynamodb:[^:]*:[^:]*:table\//, 'AwsDynamoDbTable'],
  [/^arn:[^:]+:kms:[^:]*:[^:]*:key\//, 'AwsKmsKey'],
  [/^arn:[^:]+:redshift:[^:]*:[^:]*:cluster:/, 'AwsRedshiftCluster'],
  [/^arn:[^:]+:s3:::[^/]+$/, 'AwsS3Bucket'],
  [/^AWS::::Account:/, 'AwsAccount'],
]

/** A resource of a finding, with the object that ASFF has for its type, or `Other` where it has none. */
export function resourceOf({ arn, type, region, partition }: NamedResource): Resource {
  const named = type ?? TYPES.find(([pattern]) => pattern.test(arn))?.[1] ?? 'Other'
  const details = DETAILS[named]
  const known = details !== undefined || BARE.has(named)
  const kind = named === 'Other' ? serviceOf(arn) : named
  return {
    Type: known ? named : 'Other',
    Id: arn,
    ...only(
      'Partition',
      PARTITIONS.find((one) => one === partition),
    ),
    ...only('Region', region === 'global' ? undefined : region),
    ...(details ? { Details: details(arn) } : {}),
    ...(known ? {} : { Details: { Other: { Arn: arn, Type: kind } } }),
  }
}

function tail(arn: string): string {
  const name = arn.split(/[:/]/).at(-1)?.trim()
  return name ? name : arn
}

function serviceOf(arn: string): string {
  return arn.split(':')[2] || 'unknown'
}

/** A member that is left out where there is nothing to say: Security Hub refuses empty strings. */
export function only<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [Key in Name]?: Value } {
  return (value === undefined || value === '' ? {} : { [name]: value }) as { [Key in Name]?: Value }
}
