/**
 * What the operations that name one thing answer where it is not there: the errors of their API references. Most are answered
 * with 400.
 */
const GONE: Record<string, string | { code: string; status: number }> = {
  'backup:GetBackupPlan': 'ResourceNotFoundException',
  'backup:GetBackupSelection': 'ResourceNotFoundException',
  'backup:GetBackupVaultAccessPolicy': 'ResourceNotFoundException',
  'backup:GetBackupVaultNotifications': 'ResourceNotFoundException',
  'backup:GetRestoreTestingSelection': 'ResourceNotFoundException',
  'backup:ListBackupSelections': 'ResourceNotFoundException',
  'backup:ListRecoveryPointsByBackupVault': 'ResourceNotFoundException',
  'backup:ListRestoreAccessBackupVaults': 'ResourceNotFoundException',
  'backup:ListRestoreTestingSelections': 'ResourceNotFoundException',
  'cloudtrail:GetEventSelectors': 'TrailNotFoundException',
  'cloudtrail:GetTrailStatus': 'TrailNotFoundException',
  'dlm:GetLifecyclePolicy': { code: 'ResourceNotFoundException', status: 404 },
  'drs:GetReplicationConfiguration': { code: 'ResourceNotFoundException', status: 404 },
  'dynamodb:DescribeBackup': 'BackupNotFoundException',
  'dynamodb:DescribeContinuousBackups': 'TableNotFoundException',
  'dynamodb:DescribeExport': 'ExportNotFoundException',
  'dynamodb:DescribeTable': 'ResourceNotFoundException',
  'dynamodb:GetResourcePolicy': 'ResourceNotFoundException',
  'ec2:DescribeImageAttribute': 'InvalidAMIID.NotFound',
  'ec2:DescribeSnapshotAttribute': 'InvalidSnapshot.NotFound',
  'elasticfilesystem:DescribeBackupPolicy': { code: 'FileSystemNotFound', status: 404 },
  'elasticfilesystem:DescribeFileSystemPolicy': { code: 'FileSystemNotFound', status: 404 },
  'events:ListTargetsByRule': 'ResourceNotFoundException',
  'kms:DescribeKey': 'NotFoundException',
  'kms:GetKeyPolicy': 'NotFoundException',
  'kms:GetKeyRotationStatus': 'NotFoundException',
  'organizations:DescribePolicy': 'PolicyNotFoundException',
  'organizations:ListTargetsForPolicy': 'PolicyNotFoundException',
  'rbin:GetRule': { code: 'ResourceNotFoundException', status: 404 },
  'rds:DescribeDBClusterSnapshotAttributes': {
    code: 'DBClusterSnapshotNotFoundFault',
    status: 404,
  },
  'rds:DescribeDBSnapshotAttributes': { code: 'DBSnapshotNotFound', status: 404 },
  's3:GetBucketEncryption': { code: 'NoSuchBucket', status: 404 },
  's3:GetBucketPolicy': { code: 'NoSuchBucket', status: 404 },
  's3:GetBucketReplication': { code: 'NoSuchBucket', status: 404 },
  's3:GetBucketVersioning': { code: 'NoSuchBucket', status: 404 },
  's3:GetObjectLockConfiguration': { code: 'NoSuchBucket', status: 404 },
  's3:GetPublicAccessBlock': { code: 'NoSuchBucket', status: 404 },
  'sns:GetTopicAttributes': { code: 'NotFound', status: 404 },
}

/** The operations that name one thing, which may be gone. */
export const vanishing: readonly string[] = Object.keys(GONE)

/** @throws Error where nobody has said yet what an operation answers */
export function goneCode(operation: string): { code: string; status: number } {
  const gone = GONE[operation]
  if (gone === undefined) throw new Error(`what does ${operation} answer where there is nothing?`)
  return typeof gone === 'string' ? { code: gone, status: 400 } : gone
}
