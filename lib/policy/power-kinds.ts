/**
 * What it takes to harm or carry off data and backups. `write_data` is item by item: it is no destruction of a store, but whoever
 * restores should not hold it either.
 */
export type PowerName =
  | 'destroy_data'
  | 'write_data'
  | 'destroy_backups'
  | 'unlock_vaults'
  | 'destroy_keys'
  | 'restore'
  | 'read_backup_data'
  | 'share_backups'
  | 'weaken_defaults'
  | 'blind_detection'
  | 'escalate'

/** One row of the table: actions that give a power over one kind of thing. */
export interface Power {
  power: PowerName
  /** Whose data, backups or settings: `efs`, not the prefix of its actions. */
  service: string
  /** The kind of thing, by which rows about data and rows about its copies can be told apart. */
  of: string
  /**
   * ARNs of that kind; one is enough, and `*` is that of actions on no thing in particular. `{name}` has neither slash nor colon,
   * `{path}` no colon, `{labelled}` is a name that may follow a word and a colon (`awsbackup:`), `{rest}` is anything.
   */
  resources: readonly string[]
  actions: readonly string[]
}

type Row = [power: PowerName, of: string, actions: string]

/**
 * ARNs by kind, as the service authorization reference has them. Recovery points have the ARN of their own service where that has one.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html
 */
export const kinds: Record<string, readonly string[]> = {
  account: ['*'],
  alias: ['arn:{partition}:kms:{region}:{account}:alias/{path}'],
  'auto-backup': ['arn:{partition}:rds:{region}:{account}:auto-backup:{path}'],
  'backup-plan': ['arn:{partition}:backup:{region}:{account}:backup-plan:{path}'],
  bucket: ['arn:{partition}:s3:::{name}'],
  cache: ['arn:{partition}:elasticache:{region}:{account}:cluster:{path}'],
  'cache-snapshot': ['arn:{partition}:elasticache:{region}:{account}:snapshot:{path}'],
  'cluster-auto-backup': ['arn:{partition}:rds:{region}:{account}:cluster-auto-backup:{path}'],
  'cluster-snapshot': ['arn:{partition}:rds:{region}:{account}:cluster-snapshot:{labelled}'],
  'converted-cluster': ['arn:{partition}:rds:{region}:{account}:deployment:{path}'],
  'data-store': ['arn:{partition}:cloudtrail:{region}:{account}:eventdatastore/{path}'],
  'db-cluster': ['arn:{partition}:rds:{region}:{account}:cluster:{path}'],
  'db-instance': ['arn:{partition}:rds:{region}:{account}:db:{path}'],
  'db-snapshot': ['arn:{partition}:rds:{region}:{account}:snapshot:{labelled}'],
  'dynamodb-backup': ['arn:{partition}:dynamodb:{region}:{account}:table/{name}/backup/{path}'],
  'event-bus': ['arn:{partition}:events:{region}:{account}:event-bus/{path}'],
  'event-rule': ['arn:{partition}:events:{region}:{account}:rule/{path}'],
  'file-system': ['arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{path}'],
  framework: ['arn:{partition}:backup:{region}:{account}:framework:{name}-{name}'],
  'fsx-association': ['arn:{partition}:fsx:{region}:{account}:association/{name}/{name}'],
  'fsx-backup': ['arn:{partition}:fsx:{region}:{account}:backup/{path}'],
  'fsx-file-system': ['arn:{partition}:fsx:{region}:{account}:file-system/{path}'],
  'fsx-snapshot': ['arn:{partition}:fsx:{region}:{account}:snapshot/{name}/{name}'],
  'fsx-svm': ['arn:{partition}:fsx:{region}:{account}:storage-virtual-machine/{name}/{name}'],
  'fsx-volume': ['arn:{partition}:fsx:{region}:{account}:volume/{name}/{name}'],
  'global-cache': ['arn:{partition}:elasticache::{account}:globalreplicationgroup:{path}'],
  'global-cluster': ['arn:{partition}:rds::{account}:global-cluster:{path}'],
  group: ['arn:{partition}:iam::{account}:group/{path}'],
  'identity-provider': [
    'arn:{partition}:iam::{account}:saml-provider/{path}',
    'arn:{partition}:iam::{account}:oidc-provider/{path}',
  ],
  image: ['arn:{partition}:ec2:{region}::image/{path}'],
  instance: ['arn:{partition}:ec2:{region}:{account}:instance/{path}'],
  key: ['arn:{partition}:kms:{region}:{account}:key/{path}'],
  'legal-hold': ['arn:{partition}:backup:{region}:{account}:legal-hold:{path}'],
  'managed-policy': ['arn:{partition}:iam::{account}:policy/{path}'],
  'memorydb-cluster': ['arn:{partition}:memorydb:{region}:{account}:cluster/{path}'],
  'memorydb-multi-region-cluster': [
    'arn:{partition}:memorydb::{account}:multiregioncluster/{path}',
  ],
  'memorydb-snapshot': ['arn:{partition}:memorydb:{region}:{account}:snapshot/{path}'],
  object: ['arn:{partition}:s3:::{name}/{rest}'],
  organization: [
    '*',
    'arn:{partition}:organizations::{account}:policy/o-{name}/{name}/p-{name}',
    'arn:{partition}:organizations::{account}:account/o-{name}/{name}',
    'arn:{partition}:organizations::{account}:ou/o-{name}/ou-{name}',
    'arn:{partition}:organizations::{account}:root/o-{name}/r-{name}',
  ],
  'object-version': ['arn:{partition}:s3:::{name}/{rest}'],
  'recovery-instance': ['arn:{partition}:drs:{region}:{account}:recovery-instance/{path}'],
  'recovery-plan': ['arn:{partition}:drs:{region}:{account}:recovery-plan/{path}'],
  'recovery-point': [
    'arn:{partition}:backup:{region}:{account}:recovery-point:{labelled}',
    'arn:{partition}:ec2:{region}::snapshot/{path}',
    'arn:{partition}:ec2:{region}::image/{path}',
    'arn:{partition}:rds:{region}:{account}:snapshot:{labelled}',
    'arn:{partition}:rds:{region}:{account}:cluster-snapshot:{labelled}',
    'arn:{partition}:dynamodb:{region}:{account}:table/{name}/backup/{path}',
    'arn:{partition}:fsx:{region}:{account}:backup/{path}',
    'arn:{partition}:redshift:{region}:{account}:snapshot:{name}/{labelled}',
  ],
  'recycle-bin-rule': ['arn:{partition}:rbin:{region}:{account}:rule/{path}'],
  'redshift-cluster': ['arn:{partition}:redshift:{region}:{account}:cluster:{path}'],
  'redshift-copy-grant': ['arn:{partition}:redshift:{region}:{account}:snapshotcopygrant:{path}'],
  'redshift-schedule': ['arn:{partition}:redshift:{region}:{account}:snapshotschedule:{path}'],
  'redshift-snapshot': ['arn:{partition}:redshift:{region}:{account}:snapshot:{name}/{labelled}'],
  'replication-group': ['arn:{partition}:elasticache:{region}:{account}:replicationgroup:{path}'],
  'replication-template': [
    'arn:{partition}:drs:{region}:{account}:replication-configuration-template/{path}',
  ],
  'report-plan': ['arn:{partition}:backup:{region}:{account}:report-plan:{name}-{name}'],
  'resource-share': ['arn:{partition}:ram:{region}:{account}:resource-share/{path}'],
  'restore-testing-plan': [
    'arn:{partition}:backup:{region}:{account}:restore-testing-plan:{name}-{name}',
  ],
  role: ['arn:{partition}:iam::{account}:role/{path}'],
  'root-user': ['arn:{partition}:iam::{account}:root'],
  'serverless-cache': ['arn:{partition}:elasticache:{region}:{account}:serverlesscache:{path}'],
  'serverless-cache-snapshot': [
    'arn:{partition}:elasticache:{region}:{account}:serverlesscachesnapshot:{path}',
  ],
  'serverless-namespace': [
    'arn:{partition}:redshift-serverless:{region}:{account}:namespace/{path}',
  ],
  'serverless-recovery-point': [
    'arn:{partition}:redshift-serverless:{region}:{account}:recoverypoint/{path}',
  ],
  'serverless-snapshot': ['arn:{partition}:redshift-serverless:{region}:{account}:snapshot/{path}'],
  'shard-group': ['arn:{partition}:rds:{region}:{account}:shard-group:{path}'],
  snapshot: ['arn:{partition}:ec2:{region}::snapshot/{path}'],
  'snapshot-policy': ['arn:{partition}:dlm:{region}:{account}:policy/{path}'],
  'source-network': ['arn:{partition}:drs:{region}:{account}:source-network/{path}'],
  'source-server': ['arn:{partition}:drs:{region}:{account}:source-server/{path}'],
  table: ['arn:{partition}:dynamodb:{region}:{account}:table/{name}'],
  'tenant-database': ['arn:{partition}:rds:{region}:{account}:tenant-database:{path}'],
  topic: ['arn:{partition}:sns:{region}:{account}:{name}'],
  trail: ['arn:{partition}:cloudtrail:{region}:{account}:trail/{path}'],
  user: ['arn:{partition}:iam::{account}:user/{path}'],
  vault: ['arn:{partition}:backup:{region}:{account}:backup-vault:{path}'],
  volume: ['arn:{partition}:ec2:{region}:{account}:volume/{path}'],
}

/** Makes rows of the table; names of actions without a prefix get the service's. */
export function rowsOf(service: string, prefix: string, rows: Row[]): Power[] {
  return rows.map(([power, of, actions]) => ({
    power,
    service,
    of,
    resources: kinds[of] ?? [],
    actions: actions.split(/\s+/).map((name) => (name.includes(':') ? name : `${prefix}:${name}`)),
  }))
}
