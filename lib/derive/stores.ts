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

const GOING = new Set(['deleting', 'deleted', 'DELETING', 'DELETED', 'ARCHIVED'])
const lives = (state: unknown) => !GOING.has(String(state))

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
