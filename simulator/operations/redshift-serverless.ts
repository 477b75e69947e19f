import * as sdk from '@aws-sdk/client-redshift-serverless'
import { page } from '../paging.ts'
import { serviceState } from '../state.ts'
import { defineService, type Operation, operation, type Rate } from './operation.ts'

/** What Redshift Serverless holds in a cell. */
export const redshiftServerlessOf = serviceState('redshift-serverless', () => ({
  namespaces: [] as sdk.Namespace[],
  snapshots: [] as sdk.Snapshot[],
}))

const RATE: Rate[] = [{ group: 'redshift-serverless', perSecond: 10, burst: 50 }]

function listed<Item>(
  all: readonly Item[],
  list: string,
  input: { nextToken?: string; maxResults?: number },
) {
  const { items, next } = page(all, {
    list,
    token: input.nextToken,
    limit: input.maxResults,
    minimum: 1,
    maximum: 100,
    standard: 100,
    badToken: 'ValidationException',
    badLimit: 'ValidationException',
  })
  return { items, nextToken: next }
}

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
