import * as sdk from '@aws-sdk/client-redshift'
import { paging } from '../paging.ts'
import { serviceState } from '../state.ts'
import {
  defineService,
  type Operation,
  type OperationContext,
  operation,
  type Rate,
} from './operation.ts'

/** What Redshift holds in a cell. */
export const redshiftOf = serviceState('redshift', () => ({
  clusters: [] as sdk.Cluster[],
  snapshots: [] as sdk.Snapshot[],
}))

const RATE: Rate[] = [{ group: 'redshift', perSecond: 10, burst: 50 }]

const listed = paging({
  token: 'Marker',
  limit: 'MaxRecords',
  minimum: 20,
  maximum: 100,
  badToken: 'InvalidParameterValue',
  badLimit: 'InvalidParameterValue',
})

const arn = (kind: string) => (context: OperationContext) =>
  `arn:${context.state.partition}:redshift:${context.region}:${context.accountId}:${kind}:*`

const operations: Operation[] = [
  operation<sdk.DescribeClustersCommandInput, sdk.DescribeClustersCommandOutput>('redshift', {
    schema: sdk.DescribeClusters$,
    accepts: ['MaxRecords', 'Marker'],
    rates: RATE,
    resource: arn('cluster'),
    handle: ({ cell }, input) => {
      const { items, Marker } = listed(redshiftOf(cell).clusters, 'clusters', input)
      return { Clusters: items, Marker }
    },
  }),
  operation<sdk.DescribeClusterSnapshotsCommandInput, sdk.DescribeClusterSnapshotsCommandOutput>(
    'redshift',
    {
      schema: sdk.DescribeClusterSnapshots$,
      accepts: ['MaxRecords', 'Marker'],
      rates: RATE,
      resource: arn('snapshot'),
      handle: ({ cell }, input) => {
        const { items, Marker } = listed(redshiftOf(cell).snapshots, 'snapshots', input)
        return { Snapshots: items, Marker }
      },
    },
  ),
]

export default defineService({
  name: 'redshift',
  family: 'query',
  namespace: 'http://redshift.amazonaws.com/doc/2012-12-01/',
  operations,
})
