import * as sdk from '@aws-sdk/client-rds'
import { ServiceError } from '../errors.ts'
import { paging } from '../paging.ts'
import { serviceState } from '../state.ts'
import {
  defineService,
  type Operation,
  type OperationContext,
  operation,
  type Rate,
} from './operation.ts'

/** Accounts (or `all`) that may restore a manual snapshot, by its identifier. */
export const rdsSharing = serviceState('rds-sharing', () => ({
  snapshots: {} as Record<string, string[]>,
  clusterSnapshots: {} as Record<string, string[]>,
}))

const RATE: Rate[] = [{ group: 'rds', perSecond: 10, burst: 50 }]

/** A page of one of RDS's lists. */
export const listed = paging({
  token: 'Marker',
  limit: 'MaxRecords',
  minimum: 20,
  maximum: 100,
  badToken: 'InvalidParameterValue',
  badLimit: 'InvalidParameterValue',
})

/** Every item, or the named one, or the service's error when there is none of that name. */
function named<Item>(
  all: readonly Item[],
  id: string | undefined,
  idOf: (item: Item) => string | undefined,
  code: string,
): readonly Item[] {
  if (id === undefined) return all
  const found = all.filter((one) => idOf(one) === id)
  if (found.length === 0) throw new ServiceError(code, `${id} not found.`, 404)
  return found
}

/** Backups made by AWS Backup are a type of their own that has to be asked for. */
function ofType<Item extends { SnapshotType?: string }>(
  all: readonly Item[],
  type: string | undefined,
): Item[] {
  if (type === 'shared' || type === 'public') {
    throw new ServiceError('InvalidParameterValue', `The simulator does not know type ${type}`)
  }
  return all.filter((one) =>
    type === undefined ? one.SnapshotType !== 'awsbackup' : one.SnapshotType === type,
  )
}

/** The one attribute of a manual snapshot that has such attributes. */
function restoreAttribute(accounts: string[] | undefined) {
  return [{ AttributeName: 'restore', AttributeValues: accounts ?? [] }]
}

function mustBeManual(snapshot: { SnapshotType?: string } | undefined, code: string): void {
  if (snapshot?.SnapshotType === 'manual') return
  throw new ServiceError(code, 'Only manual snapshots have attributes.')
}

const arn = (kind: string) => (context: OperationContext) =>
  `arn:${context.state.partition}:rds:${context.region}:${context.accountId}:${kind}:*`

const operations: Operation[] = [
  operation<sdk.DescribeDBInstancesCommandInput, sdk.DescribeDBInstancesCommandOutput>('rds', {
    schema: sdk.DescribeDBInstances$,
    accepts: ['MaxRecords', 'Marker', 'DBInstanceIdentifier'],
    rates: RATE,
    resource: arn('db'),
    handle: ({ cell }, input) => {
      const { instances } = cell.rds
      const id = input.DBInstanceIdentifier
      const all = named(instances, id, (one) => one.DBInstanceIdentifier, 'DBInstanceNotFound')
      const { items, Marker } = listed(all, 'instances', input)
      return { DBInstances: items, Marker }
    },
  }),
  operation<sdk.DescribeDBClustersCommandInput, sdk.DescribeDBClustersCommandOutput>('rds', {
    schema: sdk.DescribeDBClusters$,
    accepts: ['MaxRecords', 'Marker', 'DBClusterIdentifier', 'IncludeShared'],
    rates: RATE,
    resource: arn('cluster'),
    handle: ({ cell }, input) => {
      const { clusters } = cell.rds
      const id = input.DBClusterIdentifier
      const all = named(clusters, id, (one) => one.DBClusterIdentifier, 'DBClusterNotFoundFault')
      const { items, Marker } = listed(all, 'clusters', input)
      return { DBClusters: items, Marker }
    },
  }),
  operation<sdk.DescribeDBSnapshotsCommandInput, sdk.DescribeDBSnapshotsCommandOutput>('rds', {
    schema: sdk.DescribeDBSnapshots$,
    accepts: ['MaxRecords', 'Marker', 'SnapshotType', 'DBSnapshotIdentifier'],
    rates: RATE,
    resource: arn('snapshot'),
    handle: ({ cell }, input) => {
      const type = input.SnapshotType
      const typed = ofType(cell.rds.snapshots, type)
      const id = input.DBSnapshotIdentifier
      const all = named(typed, id, (one) => one.DBSnapshotIdentifier, 'DBSnapshotNotFound')
      const { items, Marker } = listed(all, `snapshots ${type}`, input)
      return { DBSnapshots: items, Marker }
    },
  }),
  operation<
    sdk.DescribeDBClusterSnapshotsCommandInput,
    sdk.DescribeDBClusterSnapshotsCommandOutput
  >('rds', {
    schema: sdk.DescribeDBClusterSnapshots$,
    accepts: ['MaxRecords', 'Marker', 'SnapshotType', 'DBClusterSnapshotIdentifier'],
    rates: RATE,
    resource: arn('cluster-snapshot'),
    handle: ({ cell }, input) => {
      const type = input.SnapshotType
      const all = named(
        ofType(cell.rds.clusterSnapshots, type),
        input.DBClusterSnapshotIdentifier,
        (one) => one.DBClusterSnapshotIdentifier,
        'DBClusterSnapshotNotFoundFault',
      )
      const { items, Marker } = listed(all, `cluster snapshots ${type}`, input)
      return { DBClusterSnapshots: items, Marker }
    },
  }),
  operation<
    sdk.DescribeDBSnapshotAttributesCommandInput,
    sdk.DescribeDBSnapshotAttributesCommandOutput
  >('rds', {
    schema: sdk.DescribeDBSnapshotAttributes$,
    accepts: ['DBSnapshotIdentifier'],
    rates: RATE,
    resource: (context, { DBSnapshotIdentifier }) =>
      arn('snapshot')(context).replace('*', DBSnapshotIdentifier ?? ''),
    handle: ({ cell }, { DBSnapshotIdentifier = '' }) => {
      const { snapshots } = cell.rds
      const code = 'DBSnapshotNotFound'
      const [snapshot] = named(
        snapshots,
        DBSnapshotIdentifier,
        (one) => one.DBSnapshotIdentifier,
        code,
      )
      mustBeManual(snapshot, 'InvalidDBSnapshotState')
      const DBSnapshotAttributes = restoreAttribute(
        rdsSharing(cell).snapshots[DBSnapshotIdentifier],
      )
      return { DBSnapshotAttributesResult: { DBSnapshotIdentifier, DBSnapshotAttributes } }
    },
  }),
  operation<
    sdk.DescribeDBClusterSnapshotAttributesCommandInput,
    sdk.DescribeDBClusterSnapshotAttributesCommandOutput
  >('rds', {
    schema: sdk.DescribeDBClusterSnapshotAttributes$,
    accepts: ['DBClusterSnapshotIdentifier'],
    rates: RATE,
    resource: (context, { DBClusterSnapshotIdentifier }) =>
      arn('cluster-snapshot')(context).replace('*', DBClusterSnapshotIdentifier ?? ''),
    handle: ({ cell }, { DBClusterSnapshotIdentifier: id = '' }) => {
      const [snapshot] = named(
        cell.rds.clusterSnapshots,
        id,
        (one) => one.DBClusterSnapshotIdentifier,
        'DBClusterSnapshotNotFoundFault',
      )
      mustBeManual(snapshot, 'InvalidDBClusterSnapshotStateFault')
      const shared = rdsSharing(cell).clusterSnapshots[id]
      return {
        DBClusterSnapshotAttributesResult: {
          DBClusterSnapshotIdentifier: id,
          DBClusterSnapshotAttributes: restoreAttribute(shared),
        },
      }
    },
  }),
  operation<
    sdk.DescribeDBInstanceAutomatedBackupsCommandInput,
    sdk.DescribeDBInstanceAutomatedBackupsCommandOutput
  >('rds', {
    schema: sdk.DescribeDBInstanceAutomatedBackups$,
    accepts: ['MaxRecords', 'Marker'],
    rates: RATE,
    resource: arn('auto-backup'),
    handle: ({ cell }, input) => {
      const all = cell.rds.instanceAutomatedBackups
      const { items, Marker } = listed(all, 'instance backups', input)
      return { DBInstanceAutomatedBackups: items, Marker }
    },
  }),
  operation<
    sdk.DescribeDBClusterAutomatedBackupsCommandInput,
    sdk.DescribeDBClusterAutomatedBackupsCommandOutput
  >('rds', {
    schema: sdk.DescribeDBClusterAutomatedBackups$,
    accepts: ['MaxRecords', 'Marker'],
    rates: RATE,
    resource: arn('cluster-auto-backup'),
    handle: ({ cell }, input) => {
      const { items, Marker } = listed(cell.rds.clusterAutomatedBackups, 'cluster backups', input)
      return { DBClusterAutomatedBackups: items, Marker }
    },
  }),
]

export default defineService({
  name: 'rds',
  family: 'query',
  namespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
  operations,
})
