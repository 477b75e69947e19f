import * as sdk from '@aws-sdk/client-redshift-serverless'
import { paging } from '../paging.ts'
import { serviceState } from '../state.ts'
import { defineService, type Operation, operation, type Rate } from './operation.ts'

/** What Redshift Serverless holds in a cell. */
export const redshiftServerlessOf = serviceState('redshift-serverless', () => ({
  namespaces: [] as sdk.Namespace[],
  snapshots: [] as sdk.Snapshot[],
}))

const RATE: Rate[] = [{ group: 'redshift-serverless', perSecond: 10, burst: 50 }]

const listed = paging({
  token: 'nextToken',
  limit: 'maxResults',
  minimum: 1,
  maximum: 100,
  badToken: 'ValidationException',
  badLimit: 'ValidationException',
})

const operations: Operation[] = [
  operation<sdk.ListNamespacesCommandInput, sdk.ListNamespacesCommandOutput>(
    'redshift-serverless',
    {
      schema: sdk.ListNamespaces$,
      accepts: ['maxResults', 'nextToken'],
      rates: RATE,
      handle: ({ cell }, input) => {
        const all = redshiftServerlessOf(cell).namespaces
        const { items, nextToken } = listed(all, 'namespaces', input)
        return { namespaces: items, nextToken }
      },
    },
  ),
  operation<sdk.ListSnapshotsCommandInput, sdk.ListSnapshotsCommandOutput>('redshift-serverless', {
    schema: sdk.ListSnapshots$,
    accepts: ['maxResults', 'nextToken'],
    rates: RATE,
    handle: ({ cell }, input) => {
      const all = redshiftServerlessOf(cell).snapshots
      const { items, nextToken } = listed(all, 'snapshots', input)
      return { snapshots: items, nextToken }
    },
  }),
]

export default defineService({ name: 'redshift-serverless', family: 'json', operations })
