import {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
} from '@aws-sdk/client-resource-groups-tagging-api'
import { defineTable, string } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { tagsJson } from './normalize.ts'

const tables = {
  resource_tags: defineTable('Tags of resources that backup plans may choose, one row each.', {
    arn: string('ARN of the resource.'),
    tags: string('Its tags as a JSON object.'),
  }),
}

/** The types that plans choose among: the tags of all others would only cost pages. */
const TYPES = [
  'dynamodb:table',
  'ec2:instance',
  'ec2:volume',
  'elasticfilesystem:file-system',
  'fsx',
  'rds:cluster',
  'rds:db',
  'redshift:cluster',
  'redshift-serverless:namespace',
  's3',
]

/** One listing has the tags of every service: none is asked resource by resource. */
export default defineCollector({
  service: 'resourcegroupstaggingapi',
  scope: 'cell',
  actions: ['tag:GetResources'],
  tables,
  async collect(cell) {
    await cell.read('resource_tags', async () => {
      const input = { ResourcesPerPage: 100, ResourceTypeFilters: TYPES }
      const tokens = { request: 'PaginationToken', response: 'PaginationToken' }
      const pages = cell.pages(ResourceGroupsTaggingAPIClient, GetResourcesCommand, input, tokens)
      for await (const page of pages) {
        for (const { ResourceARN, Tags } of page.ResourceTagMappingList ?? []) {
          if (Tags?.length)
            await cell.put('resource_tags', { arn: ResourceARN, tags: tagsJson(Tags) })
        }
      }
    })
  },
})
