import * as sdk from '@aws-sdk/client-resource-groups-tagging-api'
import { page } from '../paging.ts'
import { serviceState } from '../state.ts'
import { defineService, operation } from './operation.ts'

/** The tags of a cell's resources by their ARN. */
export const taggingState = serviceState('tagging', () => ({ tags: new Map<string, sdk.Tag[]>() }))

/** Whether an ARN is of a type as `service:type` or of a `service` names it. */
function isOfType(arn: string, filter: string): boolean {
  const [, , service, , , ...rest] = arn.split(':')
  const type = rest.join(':').split(/[:/]/)[0]
  return filter === service || filter === `${service}:${type}`
}

export default defineService({
  name: 'tagging',
  family: 'json',
  operations: [
    operation<sdk.GetResourcesCommandInput, sdk.GetResourcesCommandOutput>('tag', {
      schema: sdk.GetResources$,
      accepts: ['PaginationToken', 'ResourceTypeFilters', 'ResourcesPerPage'],
      rates: [{ group: 'tag:GetResources', perSecond: 15, burst: 15 }],
      handle: ({ cell }, input) => {
        const filters = input.ResourceTypeFilters ?? []
        const all = [...taggingState(cell).tags].filter(
          ([arn]) => filters.length === 0 || filters.some((filter) => isOfType(arn, filter)),
        )
        const { items, next } = page(all, {
          list: `resources ${filters.join()}`,
          token: input.PaginationToken,
          limit: input.ResourcesPerPage,
          minimum: 1,
          maximum: 100,
          standard: 50,
          badToken: 'PaginationTokenExpiredException',
          badLimit: 'InvalidParameterException',
        })
        return {
          // The service answers an empty token, not none, on the last page.
          PaginationToken: next ?? '',
          ResourceTagMappingList: items.map(([ResourceARN, Tags]) => ({ ResourceARN, Tags })),
        }
      },
    }),
  ],
})
