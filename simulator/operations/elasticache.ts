import * as sdk from '@aws-sdk/client-elasticache'
import { paging } from '../paging.ts'
import { serviceState } from '../state.ts'
import { defineService, type Operation, operation, type Rate } from './operation.ts'

/** What ElastiCache holds in a cell. */
export const elastiCacheOf = serviceState('elasticache', () => ({
  groups: [] as sdk.ReplicationGroup[],
  clusters: [] as sdk.CacheCluster[],
  snapshots: [] as sdk.Snapshot[],
  serverlessCaches: [] as sdk.ServerlessCache[],
  serverlessSnapshots: [] as sdk.ServerlessCacheSnapshot[],
}))

const RATE: Rate[] = [{ group: 'elasticache', perSecond: 10, burst: 50 }]
const ERRORS = { badToken: 'InvalidParameterValue', badLimit: 'InvalidParameterValue' }

const MARKED = { token: 'Marker', limit: 'MaxRecords', minimum: 20, ...ERRORS } as const
const marked = paging({ ...MARKED, maximum: 100 })
const markedSnapshots = paging({ ...MARKED, maximum: 50 })

const tokened = paging({
  token: 'NextToken',
  limit: 'MaxResults',
  minimum: 1,
  maximum: 50,
  ...ERRORS,
})

const operations: Operation[] = [
  operation<sdk.DescribeReplicationGroupsCommandInput, sdk.DescribeReplicationGroupsCommandOutput>(
    'elasticache',
    {
      schema: sdk.DescribeReplicationGroups$,
      accepts: ['MaxRecords', 'Marker'],
      rates: RATE,
      handle: ({ cell }, input) => {
        const { items, Marker } = marked(elastiCacheOf(cell).groups, 'groups', input)
        return { ReplicationGroups: items, Marker }
      },
    },
  ),
  operation<sdk.DescribeCacheClustersCommandInput, sdk.DescribeCacheClustersCommandOutput>(
    'elasticache',
    {
      schema: sdk.DescribeCacheClusters$,
      accepts: ['MaxRecords', 'Marker'],
      rates: RATE,
      handle: ({ cell }, input) => {
        const { items, Marker } = marked(elastiCacheOf(cell).clusters, 'clusters', input)
        return { CacheClusters: items, Marker }
      },
    },
  ),
  operation<sdk.DescribeSnapshotsCommandInput, sdk.DescribeSnapshotsCommandOutput>('elasticache', {
    schema: sdk.DescribeSnapshots$,
    accepts: ['MaxRecords', 'Marker'],
    rates: RATE,
    handle: ({ cell }, input) => {
      const { items, Marker } = markedSnapshots(elastiCacheOf(cell).snapshots, 'snapshots', input)
      return { Snapshots: items, Marker }
    },
  }),
  operation<sdk.DescribeServerlessCachesCommandInput, sdk.DescribeServerlessCachesCommandOutput>(
    'elasticache',
    {
      schema: sdk.DescribeServerlessCaches$,
      accepts: ['MaxResults', 'NextToken'],
      rates: RATE,
      handle: ({ cell }, input) => {
        const all = elastiCacheOf(cell).serverlessCaches
        const { items, NextToken } = tokened(all, 'serverless caches', input)
        return { ServerlessCaches: items, NextToken }
      },
    },
  ),
  operation<
    sdk.DescribeServerlessCacheSnapshotsCommandInput,
    sdk.DescribeServerlessCacheSnapshotsCommandOutput
  >('elasticache', {
    schema: sdk.DescribeServerlessCacheSnapshots$,
    accepts: ['MaxResults', 'NextToken'],
    rates: RATE,
    handle: ({ cell }, input) => {
      const all = elastiCacheOf(cell).serverlessSnapshots
      const { items, NextToken } = tokened(all, 'serverless snapshots', input)
      return { ServerlessCacheSnapshots: items, NextToken }
    },
  }),
]

export default defineService({
  name: 'elasticache',
  family: 'query',
  namespace: 'http://elasticache.amazonaws.com/doc/2015-02-02/',
  operations,
})
