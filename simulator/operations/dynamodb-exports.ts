import * as sdk from '@aws-sdk/client-dynamodb'
import { ServiceError } from '../errors.ts'
import { page } from '../paging.ts'
import { serviceState } from '../state.ts'
import { defineService, type Operation, operation, type Rate } from './operation.ts'

/** The exports to S3 that DynamoDB holds in a cell. */
export const dynamodbExportsOf = serviceState<{ exports: sdk.ExportDescription[] }>(
  'dynamodb-exports',
  () => ({ exports: [] }),
)

const RATE: Rate[] = [{ group: 'dynamodb:exports', perSecond: 10, burst: 20 }]

const operations: Operation[] = [
  operation<sdk.ListExportsCommandInput, sdk.ListExportsCommandOutput>('dynamodb', {
    schema: sdk.ListExports$,
    accepts: ['MaxResults', 'NextToken', 'TableArn'],
    rates: RATE,
    handle: ({ cell }, input) => {
      const all = dynamodbExportsOf(cell)
        .exports.filter(({ TableArn }) => !input.TableArn || TableArn === input.TableArn)
        .sort((a, b) => ((a.ExportArn ?? '') < (b.ExportArn ?? '') ? 1 : -1))
      const { items, next } = page(all, {
        list: `exports ${input.TableArn}`,
        token: input.NextToken,
        limit: input.MaxResults,
        minimum: 1,
        maximum: 25,
        standard: 25,
        badToken: 'ValidationException',
        badLimit: 'ValidationException',
      })
      return {
        ExportSummaries: items.map(({ ExportArn, ExportStatus, ExportType }) => ({
          ExportArn,
          ExportStatus,
          ExportType,
        })),
        ...(next === undefined ? {} : { NextToken: next }),
      }
    },
  }),
  operation<sdk.DescribeExportCommandInput, sdk.DescribeExportCommandOutput>('dynamodb', {
    schema: sdk.DescribeExport$,
    accepts: ['ExportArn'],
    rates: RATE,
    resource: (_, input) => input.ExportArn ?? '*',
    handle: ({ cell }, { ExportArn }) => {
      const found = dynamodbExportsOf(cell).exports.find((one) => one.ExportArn === ExportArn)
      if (found !== undefined) return { ExportDescription: found }
      throw new ServiceError('ExportNotFoundException', `Export not found: ${ExportArn}`)
    },
  }),
]

export default defineService({
  name: 'dynamodb',
  family: 'json',
  operations,
})
