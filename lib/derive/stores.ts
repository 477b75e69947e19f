import type { StoredRow } from '../lake/table.ts'

/** How the rows of one table become data stores that AWS Backup could protect. */
export interface StoreKind {
  table: string
  /** AWS Backup's resource type. */
  type: string | ((row: StoredRow) => string)
  /** The type as Security Hub names it. */
  findingType: string
  name: string
  createdAt: string
  /** Whether the row is a store of its own that its owner can protect, and not on its way out. */
  counts(row: StoredRow): boolean
}

const GOING = new Set(['deleting', 'deleted', 'archiving', 'archived', 'failed', 'misconfigured'])
const lives = (state: unknown) => !GOING.has(String(state).toLowerCase())

/**
 * The data stores whose backups the audit asks for. Left out is what is judged elsewhere or is not its owner's: staging disks of
 * Elastic Disaster Recovery, volumes that a service manages, members of clusters, replicas, what is being deleted.
 */
export const storeKinds: readonly StoreKind[] = [
  {
    table: 'ebs_volumes',
    type: 'EBS',
    findingType: 'AwsEc2Volume',
    name: 'volume_id',
    createdAt: 'created_at',
    counts: (row) => !row.managed_by && !row.drs_staging && lives(row.state),
  },
  {
    table: 'rds_instances',
    type: 'RDS',
    findingType: 'AwsRdsDbInstance',
    name: 'identifier',
    createdAt: 'created_at',
    counts: (row) => !row.cluster_identifier && !row.replica_source && lives(row.status),
  },
  {
    table: 'rds_clusters',
    type: clusterType,
    findingType: 'AwsRdsDbCluster',
    name: 'identifier',
    createdAt: 'created_at',
    counts: (row) => lives(row.status),
  },
  {
    table: 'dynamodb_tables',
    type: 'DynamoDB',
    findingType: 'AwsDynamoDbTable',
    name: 'name',
    createdAt: 'created_at',
    counts: (row) => lives(row.status),
  },
  {
    table: 'efs_file_systems',
    type: 'EFS',
    findingType: 'AwsEfsFileSystem',
    name: 'name',
    createdAt: 'created_at',
    counts: (row) => lives(row.state),
  },
  {
    table: 'fsx_file_systems',
    type: 'FSx',
    findingType: 'AwsFsxFileSystem',
    name: 'id',
    createdAt: 'created_at',
    // ONTAP is backed up volume by volume, scratch file systems not at all.
    counts: (row) =>
      row.type !== 'ONTAP' &&
      !String(row.deployment_type).startsWith('SCRATCH') &&
      lives(row.lifecycle),
  },
  {
    table: 'fsx_volumes',
    type: 'FSx',
    findingType: 'AwsFsxVolume',
    name: 'name',
    createdAt: 'created_at',
    counts: (row) => row.ontap_volume_type === 'RW' && row.is_root !== true && lives(row.lifecycle),
  },
  {
    table: 's3_buckets',
    type: 'S3',
    findingType: 'AwsS3Bucket',
    name: 'name',
    createdAt: 'created_at',
    counts: () => true,
  },
  {
    table: 'redshift_clusters',
    type: 'Redshift',
    findingType: 'AwsRedshiftCluster',
    name: 'identifier',
    createdAt: 'created_at',
    counts: (row) => lives(row.status),
  },
  {
    table: 'redshift_serverless_namespaces',
    type: 'Redshift Serverless',
    findingType: 'AwsRedshiftServerlessNamespace',
    name: 'name',
    createdAt: 'created_at',
    counts: (row) => lives(row.status),
  },
]

/** The tables that data stores come from. */
export const storeTables: readonly string[] = storeKinds.map(({ table }) => table)

/** AWS Backup tells the clusters that share RDS's ARN apart by their engine. */
function clusterType({ engine }: StoredRow): string {
  const name = String(engine)
  if (name.startsWith('aurora')) return 'Aurora'
  if (name === 'docdb') return 'DocumentDB'
  return name === 'neptune' ? 'Neptune' : 'RDS'
}
