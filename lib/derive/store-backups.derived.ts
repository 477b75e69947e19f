import type { StoredRow } from '../lake/table.ts'
import { defineTable, string } from '../lake/table.ts'
import { type DerivedCell, defineDerivation } from './derivation.ts'
import { storeKinds, storeTables } from './stores.ts'

const tables = {
  store_backups: defineTable(
    'Where the backups of each data store are, one row for each data store and place; copies in other accounts aside.',
    {
      store_arn: string('ARN of the data store.'),
      service: string('Its service in the table of powers, such as `rds`.'),
      kind_of_thing: string('What it is in the table of powers, such as `db-instance`.'),
      place: string(
        '`vault`; `native`: snapshots of the service’s own; `store`: automated backups that go with the data store; `immutable`: snapshots under a lock in compliance mode.',
      ),
      vault_arn: string('The vault.'),
      backup_kind: string('What a native backup is in the table of powers, such as `db-snapshot`.'),
    },
  ),
}

type Cell = DerivedCell<typeof tables>

const NATIVE = [
  'ebs_snapshots',
  'ebs_locked_snapshots',
  'rds_snapshots',
  'rds_automated_backups',
  'dynamodb_backups',
  'fsx_backups',
  'redshift_snapshots',
  'redshift_serverless_snapshots',
]

const READS = [...storeTables, 'recovery_points', ...NATIVE]

/** The service and the kind by which the table of powers names the data stores of a table. */
const stores: Record<string, readonly [service: string, kind: string]> = {
  ebs_volumes: ['ec2', 'volume'],
  rds_instances: ['rds', 'db-instance'],
  rds_clusters: ['rds', 'db-cluster'],
  dynamodb_tables: ['dynamodb', 'table'],
  efs_file_systems: ['efs', 'file-system'],
  fsx_file_systems: ['fsx', 'fsx-file-system'],
  fsx_volumes: ['fsx', 'fsx-volume'],
  s3_buckets: ['s3', 'object'],
  redshift_clusters: ['redshift', 'redshift-cluster'],
  redshift_serverless_namespaces: ['redshift-serverless', 'serverless-namespace'],
}

/** Where a native backup is, and of what. */
interface Native {
  of: string
  place: 'native' | 'store' | 'immutable'
  kind: string
}

/** Which backups each data store of an account has, and where they are. */
export default defineDerivation({
  service: 'derive',
  scope: 'account',
  reads: READS,
  tables,
  derive(cell) {
    cell.needs('store_backups', READS)
    const points = Map.groupBy(
      cell
        .rows('recovery_points')
        .filter(({ status }) => status !== 'DELETING' && status !== 'CREATING'),
      ({ source_arn }) => String(source_arn),
    )
    const natives = Map.groupBy(nativesOf(cell), ({ of }) => of)
    for (const { table, name, counts } of storeKinds) {
      const [service = '', kind_of_thing = ''] = stores[table] ?? []
      for (const row of cell.rows(table).filter((one) => counts(one))) {
        const store = { store_arn: String(row.arn), service, kind_of_thing }
        const sources = [store.store_arn, ...instanceOf(row, cell)]
        const vaults = sources
          .flatMap((arn) => points.get(arn) ?? [])
          .map(({ vault_arn }) => vault_arn)
        for (const vault_arn of new Set(vaults))
          cell.put('store_backups', { ...store, place: 'vault', vault_arn: String(vault_arn) })
        const own = [store.store_arn, `${row.region} ${row[name]}`].flatMap(
          (of) => natives.get(of) ?? [],
        )
        for (const [key, native] of new Map(own.map((one) => [`${one.place} ${one.kind}`, one])))
          if (key)
            cell.put('store_backups', { ...store, place: native.place, backup_kind: native.kind })
      }
    }
  },
})

/** A backup of an instance holds the volumes that are attached to it. */
function instanceOf({ instance_id, region }: StoredRow, { partition, accountId }: Cell): string[] {
  return instance_id ? [`arn:${partition}:ec2:${region}:${accountId}:instance/${instance_id}`] : []
}

/** Backups that the services keep themselves, by the ARN of what they are of, or its Region and name. */
function nativesOf({ rows }: Cell): Native[] {
  const compliant = new Set(
    rows('ebs_locked_snapshots')
      .filter(({ lock_state }) => lock_state === 'compliance')
      .map(({ arn }) => arn),
  )
  const own = (table: string) => rows(table).filter(({ made_by_aws_backup: made }) => made !== true)
  const automated = (type: unknown) =>
    String(type).toLowerCase() === 'automated' ? 'store' : 'native'
  return [
    ...own('ebs_snapshots').map(({ arn, region, volume_id }): Native => {
      const place = compliant.has(arn) ? 'immutable' : 'native'
      return { of: `${region} ${volume_id}`, place, kind: 'snapshot' }
    }),
    ...own('rds_snapshots').map(({ region, source_identifier, snapshot_type, kind }): Native => {
      const of = `${region} ${source_identifier}`
      return {
        of,
        place: automated(snapshot_type),
        kind: kind === 'cluster' ? 'cluster-snapshot' : 'db-snapshot',
      }
    }),
    ...rows('rds_automated_backups')
      .filter(({ aws_backup_recovery_point_arn: made }) => !made)
      .map(
        ({ source_arn }): Native => ({
          of: String(source_arn),
          place: 'store',
          kind: 'auto-backup',
        }),
      ),
    ...own('dynamodb_backups').map(
      ({ table_arn }): Native => ({
        of: String(table_arn),
        place: 'native',
        kind: 'dynamodb-backup',
      }),
    ),
    ...own('fsx_backups').map(({ source_arn, type }): Native => {
      const place = type === 'AUTOMATIC' ? 'store' : 'native'
      return { of: String(source_arn), place, kind: 'fsx-backup' }
    }),
    ...own('redshift_snapshots').map(({ cluster_arn, snapshot_type }): Native => {
      return { of: String(cluster_arn), place: automated(snapshot_type), kind: 'redshift-snapshot' }
    }),
    ...own('redshift_serverless_snapshots').map(
      ({ namespace_arn }): Native => ({
        of: String(namespace_arn),
        place: 'native',
        kind: 'serverless-snapshot',
      }),
    ),
  ]
}
