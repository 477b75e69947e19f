import * as sdk from '@aws-sdk/client-memorydb'
import { paging } from '../paging.ts'
import { serviceState } from '../state.ts'
import { defineService, type Operation, operation, type Rate } from './operation.ts'

/** What MemoryDB holds in a cell. */
export const memoryDbOf = serviceState('memorydb', () => ({
  clusters: [] as sdk.Cluster[],
  snapshots: [] as sdk.Snapshot[],
}))

const RATE: Rate[] = [{ group: 'memorydb', perSecond: 10, burst: 50 }]

/** AWS documents no page size: this one is the sister service's, ElastiCache. */
const listed = paging({
  token: 'NextToken',
  limit: 'MaxResults',
  minimum: 20,
  maximum: 50,
  badToken: 'InvalidParameterValueException',
  badLimit: 'InvalidParameterValueException',
})

const operations: Operation[] = [
  operation<sdk.DescribeClustersCommandInput, sdk.DescribeClustersCommandOutput>('memorydb', {
    schema: sdk.DescribeClusters$,
    accepts: ['MaxResults', 'NextToken'],
    rates: RATE,
    handle: ({ cell }, input) => {
      const { items, NextToken } = listed(memoryDbOf(cell).clusters, 'clusters', input)
      return { Clusters: items, NextToken }
    },
  }),
  operation<sdk.DescribeSnapshotsCommandInput, sdk.DescribeSnapshotsCommandOutput>('memorydb', {
    schema: sdk.DescribeSnapshots$,
    accepts: ['MaxResults', 'NextToken', 'ShowDetail'],
    rates: RATE,
    handle: ({ cell }, input) => {
      const { items, NextToken } = listed(memoryDbOf(cell).snapshots, 'snapshots', input)
      return { Snapshots: input.ShowDetail ? items : items.map(withoutDetail), NextToken }
    },
  }),
]

function withoutDetail(snapshot: sdk.Snapshot): sdk.Snapshot {
  const { ClusterConfiguration: cluster } = snapshot
  return { ...snapshot, ClusterConfiguration: { ...cluster, Shards: undefined } }
}

export default defineService({ name: 'memorydb', family: 'json', operations })
