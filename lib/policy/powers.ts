import { type Power, rowsOf } from './power-kinds.ts'
import { morePowers } from './powers-more.ts'

export type { Power, PowerName } from './power-kinds.ts'

const storePowers: readonly Power[] = [
  ...rowsOf('backup', 'backup', [
    [
      'destroy_backups',
      'recovery-point',
      'DeleteRecoveryPoint UpdateRecoveryPointLifecycle DisassociateRecoveryPoint DisassociateRecoveryPointFromParent',
    ],
    [
      'unlock_vaults',
      'vault',
      `DeleteBackupVaultLockConfiguration PutBackupVaultLockConfiguration PutBackupVaultAccessPolicy DeleteBackupVaultAccessPolicy
      DisassociateBackupVaultMpaApprovalTeam`,
    ],
    ['unlock_vaults', 'legal-hold', 'CancelLegalHold'],
    ['restore', 'recovery-point', 'StartRestoreJob'],
    ['restore', 'vault', 'CreateRestoreAccessBackupVault'],
    ['read_backup_data', 'recovery-point', 'CreateBackupAccessPoint SearchRecoveryPoint'],
    ['share_backups', 'recovery-point', 'CopyFromBackupVault StartCopyJob'],
    [
      'share_backups',
      'vault',
      'PutBackupVaultSharingPolicy PutBackupVaultAccessPolicy CreateRestoreAccessBackupVault AssociateBackupVaultMpaApprovalTeam',
    ],
    ['share_backups', 'account', 'UpdateGlobalSettings'],
    ['weaken_defaults', 'backup-plan', 'DeleteBackupPlan UpdateBackupPlan DeleteBackupSelection'],
    ['weaken_defaults', 'account', 'UpdateRegionSettings UpdateGlobalSettings StopBackupJob'],
    [
      'weaken_defaults',
      'vault',
      'DeleteBackupVault RevokeRestoreAccessBackupVault DeleteBackupVaultSharingPolicy',
    ],
    [
      'weaken_defaults',
      'restore-testing-plan',
      'DeleteRestoreTestingPlan DeleteRestoreTestingSelection UpdateRestoreTestingPlan UpdateRestoreTestingSelection',
    ],
    ['blind_detection', 'vault', 'DeleteBackupVaultNotifications PutBackupVaultNotifications'],
    ['blind_detection', 'framework', 'DeleteFramework UpdateFramework'],
    ['blind_detection', 'report-plan', 'DeleteReportPlan UpdateReportPlan'],
  ]),
  ...rowsOf('ec2', 'ec2', [
    ['destroy_data', 'volume', 'DeleteVolume'],
    ['destroy_data', 'instance', 'TerminateInstances CreateReplaceRootVolumeTask'],
    ['destroy_backups', 'snapshot', 'DeleteSnapshot'],
    ['destroy_backups', 'image', 'DeregisterImage'],
    ['unlock_vaults', 'snapshot', 'UnlockSnapshot'],
    ['unlock_vaults', 'image', 'DisableImageDeregistrationProtection'],
    ['restore', 'snapshot', 'CreateVolume RestoreSnapshotFromRecycleBin RestoreSnapshotTier'],
    ['restore', 'image', 'CreateRestoreImageTask RestoreImageFromRecycleBin'],
    ['restore', 'volume', 'RestoreVolumeFromRecycleBin'],
    // The lists of blocks name no content.
    ['read_backup_data', 'snapshot', 'ebs:GetSnapshotBlock'],
    ['read_backup_data', 'image', 'ExportImage CreateStoreImageTask'],
    ['share_backups', 'snapshot', 'ModifySnapshotAttribute'],
    ['share_backups', 'image', 'ModifyImageAttribute'],
    [
      'weaken_defaults',
      'account',
      `DisableEbsEncryptionByDefault ModifyEbsDefaultKmsKeyId ResetEbsDefaultKmsKeyId DisableSnapshotBlockPublicAccess
      DisableImageBlockPublicAccess DisableAllowedImagesSettings`,
    ],
    ['weaken_defaults', 'snapshot', 'DisableFastSnapshotRestores ModifySnapshotTier'],
    ['weaken_defaults', 'instance', 'ModifyInstanceAttribute'],
  ]),
  ...rowsOf('rds', 'rds', [
    ['destroy_data', 'db-instance', 'DeleteDBInstance'],
    ['destroy_data', 'db-cluster', 'DeleteDBCluster BacktrackDBCluster'],
    ['destroy_data', 'global-cluster', 'DeleteGlobalCluster'],
    ['destroy_data', 'shard-group', 'DeleteDBShardGroup'],
    ['destroy_data', 'tenant-database', 'DeleteTenantDatabase'],
    ['destroy_data', 'converted-cluster', 'DeleteBlueGreenDeployment'],
    ['destroy_backups', 'db-snapshot', 'DeleteDBSnapshot'],
    ['destroy_backups', 'cluster-snapshot', 'DeleteDBClusterSnapshot'],
    ['destroy_backups', 'auto-backup', 'DeleteDBInstanceAutomatedBackup'],
    ['destroy_backups', 'cluster-auto-backup', 'DeleteDBClusterAutomatedBackup'],
    // A retention of zero days deletes the automated backups at once; so does deleting the instance, unless asked not to.
    ['destroy_backups', 'db-instance', 'ModifyDBInstance DeleteDBInstance'],
    ['destroy_backups', 'db-cluster', 'ModifyDBCluster DeleteDBCluster'],
    ['restore', 'db-snapshot', 'RestoreDBInstanceFromDBSnapshot RestoreDBClusterFromSnapshot'],
    ['restore', 'cluster-snapshot', 'RestoreDBClusterFromSnapshot RestoreDBInstanceFromDBSnapshot'],
    ['restore', 'db-instance', 'RestoreDBInstanceToPointInTime RestoreDBInstanceFromS3'],
    ['restore', 'db-cluster', 'RestoreDBClusterToPointInTime RestoreDBClusterFromS3'],
    ['read_backup_data', 'db-snapshot', 'StartExportTask'],
    ['read_backup_data', 'cluster-snapshot', 'StartExportTask'],
    ['share_backups', 'db-snapshot', 'ModifyDBSnapshotAttribute'],
    ['share_backups', 'cluster-snapshot', 'ModifyDBClusterSnapshotAttribute'],
    [
      'weaken_defaults',
      'db-instance',
      'ModifyDBInstance StopDBInstanceAutomatedBackupsReplication',
    ],
    ['weaken_defaults', 'db-cluster', 'ModifyDBCluster'],
    ['weaken_defaults', 'global-cluster', 'ModifyGlobalCluster RemoveFromGlobalCluster'],
  ]),
  ...rowsOf('dynamodb', 'dynamodb', [
    ['destroy_data', 'table', 'DeleteTable DeleteTableReplica UpdateTimeToLive'],
    [
      'write_data',
      'table',
      'DeleteItem BatchWriteItem PutItem UpdateItem PartiQLDelete PartiQLInsert PartiQLUpdate WriteDataForReplication',
    ],
    ['destroy_backups', 'dynamodb-backup', 'DeleteBackup'],
    // Switching recovery to a point in time off deletes its history.
    ['destroy_backups', 'table', 'UpdateContinuousBackups'],
    ['restore', 'dynamodb-backup', 'RestoreTableFromBackup'],
    ['restore', 'table', 'RestoreTableToPointInTime RestoreTableFromAwsBackup ImportTable'],
    ['read_backup_data', 'table', 'ExportTableToPointInTime'],
    ['share_backups', 'table', 'PutResourcePolicy'],
    [
      'weaken_defaults',
      'table',
      'UpdateTable UpdateContinuousBackups DeleteResourcePolicy DeleteGlobalTableWitness',
    ],
  ]),
  ...rowsOf('efs', 'elasticfilesystem', [
    ['destroy_data', 'file-system', 'DeleteFileSystem'],
    ['write_data', 'file-system', 'ClientWrite ClientRootAccess ReplicationWrite'],
    ['restore', 'file-system', 'Restore'],
    [
      'weaken_defaults',
      'file-system',
      'PutBackupPolicy UpdateFileSystemProtection DeleteReplicationConfiguration',
    ],
    ['weaken_defaults', 'file-system', 'PutFileSystemPolicy DeleteFileSystemPolicy'],
  ]),
  ...rowsOf('fsx', 'fsx', [
    ['destroy_data', 'fsx-file-system', 'DeleteFileSystem'],
    [
      'destroy_data',
      'fsx-volume',
      'DeleteVolume RestoreVolumeFromSnapshot CopySnapshotAndUpdateVolume',
    ],
    ['destroy_data', 'fsx-svm', 'DeleteStorageVirtualMachine'],
    // It deletes the files that came from the repository, if asked to.
    ['destroy_data', 'fsx-association', 'DeleteDataRepositoryAssociation'],
    ['destroy_backups', 'fsx-backup', 'DeleteBackup'],
    ['destroy_backups', 'fsx-snapshot', 'DeleteSnapshot'],
    // Automatic backups go with their file system.
    ['destroy_backups', 'fsx-file-system', 'DeleteFileSystem UpdateFileSystem'],
    ['unlock_vaults', 'fsx-volume', 'BypassSnaplockEnterpriseRetention'],
    ['restore', 'fsx-backup', 'CreateFileSystemFromBackup CreateVolumeFromBackup'],
    ['restore', 'fsx-snapshot', 'RestoreVolumeFromSnapshot'],
    ['share_backups', 'fsx-backup', 'ManageBackupPrincipalAssociations'],
    ['share_backups', 'fsx-volume', 'PutResourcePolicy'],
    ['weaken_defaults', 'fsx-file-system', 'UpdateFileSystem'],
    ['weaken_defaults', 'fsx-volume', 'UpdateVolume DeleteResourcePolicy'],
  ]),
  ...rowsOf('s3', 's3', [
    ['destroy_data', 'object', 'DeleteObject'],
    ['destroy_data', 'bucket', 'PutLifecycleConfiguration DeleteBucket'],
    ['write_data', 'object', 'PutObject ReplicateObject ReplicateDelete UpdateObjectEncryption'],
    ['destroy_backups', 'object-version', 'DeleteObjectVersion'],
    ['destroy_backups', 'bucket', 'PutLifecycleConfiguration'],
    ['unlock_vaults', 'object', 'BypassGovernanceRetention PutObjectRetention PutObjectLegalHold'],
    [
      'unlock_vaults',
      'bucket',
      'PutBucketObjectLockConfiguration PutBucketPolicy DeleteBucketPolicy PutBucketVersioning',
    ],
    ['read_backup_data', 'object', 'GetObject GetObjectVersion'],
    [
      'share_backups',
      'bucket',
      'PutBucketPolicy PutBucketAcl PutReplicationConfiguration PutBucketOwnershipControls',
    ],
    ['share_backups', 'object', 'PutObjectAcl PutObjectVersionAcl'],
    [
      'weaken_defaults',
      'bucket',
      'PutEncryptionConfiguration PutBucketVersioning PutReplicationConfiguration PutBucketPublicAccessBlock PauseReplication',
    ],
    ['weaken_defaults', 'account', 'PutAccountPublicAccessBlock'],
  ]),
  ...rowsOf('drs', 'drs', [
    ['destroy_data', 'recovery-instance', 'TerminateRecoveryInstances'],
    [
      'destroy_backups',
      'source-server',
      'DeleteSourceServer DisconnectSourceServer StopReplication UpdateReplicationConfiguration',
    ],
    ['destroy_backups', 'account', 'BatchDeleteSnapshotRequestForDrs'],
    ['restore', 'source-server', 'StartRecovery CreateRecoveryInstanceForDrs'],
    ['restore', 'recovery-instance', 'StartFailbackLaunch'],
    ['restore', 'recovery-plan', 'StartRecoveryPlanExecution'],
    [
      'weaken_defaults',
      'replication-template',
      'DeleteReplicationConfigurationTemplate UpdateReplicationConfigurationTemplate',
    ],
    [
      'weaken_defaults',
      'recovery-plan',
      'DeleteRecoveryPlan DeleteRecoveryPlanStep UpdateRecoveryPlan',
    ],
    ['weaken_defaults', 'source-network', 'StopSourceNetworkReplication DeleteSourceNetwork'],
    [
      'weaken_defaults',
      'recovery-instance',
      'StopFailback DisconnectRecoveryInstance DeleteRecoveryInstance',
    ],
  ]),
]

/**
 * The table of powers. `test/policies/powers.test.ts` holds it against public IAM data: each action exists, and none that destroys
 * data or backups is missing. One action stands in several rows where it does several things.
 */
export const powers: readonly Power[] = [...storePowers, ...morePowers]
