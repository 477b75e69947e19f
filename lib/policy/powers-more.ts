import { type Power, rowsOf } from './power-kinds.ts'

/** The rest of the table: caches and warehouses, keys, and what guards, shares, watches and escalates. */
export const morePowers: readonly Power[] = [
  ...rowsOf('redshift', 'redshift', [
    ['destroy_data', 'redshift-cluster', 'DeleteCluster'],
    ['destroy_backups', 'redshift-snapshot', 'DeleteClusterSnapshot BatchDeleteClusterSnapshots'],
    ['destroy_backups', 'redshift-snapshot', 'ModifyClusterSnapshot BatchModifyClusterSnapshots'],
    // Automated snapshots go with their cluster, and with a retention of zero days.
    [
      'destroy_backups',
      'redshift-cluster',
      'DeleteCluster ModifyCluster ModifySnapshotCopyRetentionPeriod',
    ],
    ['restore', 'redshift-snapshot', 'RestoreFromClusterSnapshot RestoreTableFromClusterSnapshot'],
    ['share_backups', 'redshift-snapshot', 'AuthorizeSnapshotAccess'],
    [
      'weaken_defaults',
      'redshift-cluster',
      'ModifyCluster DisableSnapshotCopy ModifyClusterSnapshotSchedule',
    ],
    ['weaken_defaults', 'redshift-schedule', 'DeleteSnapshotSchedule ModifySnapshotSchedule'],
    ['weaken_defaults', 'redshift-copy-grant', 'DeleteSnapshotCopyGrant'],
    ['blind_detection', 'redshift-cluster', 'DisableLogging'],
  ]),
  ...rowsOf('redshift-serverless', 'redshift-serverless', [
    ['destroy_data', 'serverless-namespace', 'DeleteNamespace'],
    ['destroy_backups', 'serverless-snapshot', 'DeleteSnapshot UpdateSnapshot'],
    ['destroy_backups', 'serverless-namespace', 'DeleteNamespace'],
    ['restore', 'serverless-snapshot', 'RestoreFromSnapshot RestoreTableFromSnapshot'],
    [
      'restore',
      'serverless-recovery-point',
      'RestoreFromRecoveryPoint RestoreTableFromRecoveryPoint',
    ],
    ['share_backups', 'account', 'PutResourcePolicy'],
    [
      'weaken_defaults',
      'account',
      'DeleteSnapshotCopyConfiguration UpdateSnapshotCopyConfiguration DeleteResourcePolicy',
    ],
    ['weaken_defaults', 'account', 'DeleteScheduledAction UpdateScheduledAction'],
  ]),
  ...rowsOf('elasticache', 'elasticache', [
    ['destroy_data', 'cache', 'DeleteCacheCluster'],
    ['destroy_data', 'replication-group', 'DeleteReplicationGroup'],
    ['destroy_data', 'serverless-cache', 'DeleteServerlessCache'],
    ['destroy_data', 'global-cache', 'DeleteGlobalReplicationGroup'],
    ['destroy_backups', 'cache-snapshot', 'DeleteSnapshot'],
    ['destroy_backups', 'serverless-cache-snapshot', 'DeleteServerlessCacheSnapshot'],
    ['restore', 'cache', 'CreateCacheCluster'],
    ['restore', 'replication-group', 'CreateReplicationGroup'],
    ['restore', 'serverless-cache', 'CreateServerlessCache'],
    ['read_backup_data', 'cache-snapshot', 'CopySnapshot'],
    ['read_backup_data', 'serverless-cache-snapshot', 'ExportServerlessCacheSnapshot'],
    ['weaken_defaults', 'cache', 'ModifyCacheCluster'],
    ['weaken_defaults', 'replication-group', 'ModifyReplicationGroup'],
    ['weaken_defaults', 'serverless-cache', 'ModifyServerlessCache'],
    ['weaken_defaults', 'global-cache', 'DisassociateGlobalReplicationGroup'],
  ]),
  ...rowsOf('memorydb', 'memorydb', [
    ['destroy_data', 'memorydb-cluster', 'DeleteCluster'],
    ['destroy_data', 'memorydb-multi-region-cluster', 'DeleteMultiRegionCluster'],
    ['destroy_backups', 'memorydb-snapshot', 'DeleteSnapshot'],
    ['restore', 'memorydb-snapshot', 'CreateCluster'],
    ['read_backup_data', 'memorydb-snapshot', 'CopySnapshot'],
    ['weaken_defaults', 'memorydb-cluster', 'UpdateCluster'],
  ]),
  ...rowsOf('kms', 'kms', [
    [
      'destroy_keys',
      'key',
      'ScheduleKeyDeletion DisableKey DeleteImportedKeyMaterial PutKeyPolicy',
    ],
    ['destroy_keys', 'account', 'DeleteCustomKeyStore DisconnectCustomKeyStore'],
    ['read_backup_data', 'key', 'Decrypt ReEncryptFrom CreateGrant'],
    ['share_backups', 'key', 'PutKeyPolicy CreateGrant'],
    ['weaken_defaults', 'key', 'DisableKeyRotation RevokeGrant RetireGrant'],
    ['weaken_defaults', 'alias', 'DeleteAlias UpdateAlias'],
  ]),
  ...rowsOf('dlm', 'dlm', [
    ['share_backups', 'snapshot-policy', 'UpdateLifecyclePolicy'],
    ['share_backups', 'account', 'CreateLifecyclePolicy'],
    ['weaken_defaults', 'snapshot-policy', 'DeleteLifecyclePolicy UpdateLifecyclePolicy'],
  ]),
  ...rowsOf('rbin', 'rbin', [
    ['unlock_vaults', 'recycle-bin-rule', 'DeleteRule UpdateRule UnlockRule'],
  ]),
  ...rowsOf('ram', 'ram', [
    ['share_backups', 'account', 'CreateResourceShare EnableSharingWithAwsOrganization'],
    [
      'share_backups',
      'resource-share',
      'AssociateResourceShare UpdateResourceShare AssociateResourceSharePermission',
    ],
    ['weaken_defaults', 'resource-share', 'DeleteResourceShare DisassociateResourceShare'],
  ]),
  ...rowsOf('cloudtrail', 'cloudtrail', [
    ['blind_detection', 'trail', 'StopLogging DeleteTrail UpdateTrail PutEventSelectors'],
    [
      'blind_detection',
      'data-store',
      'DeleteEventDataStore StopEventDataStoreIngestion UpdateEventDataStore',
    ],
    ['blind_detection', 'account', 'DeregisterOrganizationDelegatedAdmin'],
  ]),
  ...rowsOf('events', 'events', [
    ['blind_detection', 'event-rule', 'DisableRule DeleteRule RemoveTargets PutRule PutTargets'],
    ['blind_detection', 'event-bus', 'DeleteEventBus'],
    ['blind_detection', 'account', 'RemovePermission'],
  ]),
  ...rowsOf('sns', 'sns', [
    ['blind_detection', 'topic', 'DeleteTopic SetTopicAttributes'],
    ['blind_detection', 'account', 'Unsubscribe'],
  ]),
  ...rowsOf('iam', 'iam', [
    [
      'escalate',
      'role',
      `PutRolePolicy AttachRolePolicy UpdateAssumeRolePolicy DeleteRolePolicy DetachRolePolicy PassRole
      DeleteRolePermissionsBoundary PutRolePermissionsBoundary`,
    ],
    [
      'escalate',
      'user',
      `PutUserPolicy AttachUserPolicy DeleteUserPolicy DetachUserPolicy CreateAccessKey CreateLoginProfile UpdateLoginProfile
      DeleteUserPermissionsBoundary PutUserPermissionsBoundary DeactivateMFADevice UploadSigningCertificate`,
    ],
    [
      'escalate',
      'group',
      'PutGroupPolicy AttachGroupPolicy DeleteGroupPolicy DetachGroupPolicy AddUserToGroup RemoveUserFromGroup',
    ],
    ['escalate', 'managed-policy', 'CreatePolicyVersion SetDefaultPolicyVersion'],
    [
      'escalate',
      'identity-provider',
      'UpdateSAMLProvider CreateSAMLProvider CreateOpenIDConnectProvider AddClientIDToOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint',
    ],
    ['escalate', 'root-user', 'sts:AssumeRoot'],
  ]),
  // Only the management account and delegated administrators can; ARNs name the organization.
  ...rowsOf('organizations', 'organizations', [
    [
      'escalate',
      'organization',
      `AttachPolicy DetachPolicy UpdatePolicy DeletePolicy DisablePolicyType LeaveOrganization MoveAccount
      RemoveAccountFromOrganization CloseAccount DeregisterDelegatedAdministrator RegisterDelegatedAdministrator`,
    ],
  ]),
]
