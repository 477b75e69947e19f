import * as sdk from '@aws-sdk/client-rds'
import { ServiceError } from '../errors.ts'
import { serviceState } from '../state.ts'
import { defineService, operation } from './operation.ts'
import { listed } from './rds.ts'

/** The exports to S3 that RDS holds in a cell. */
export const rdsExportsOf = serviceState<{ tasks: sdk.ExportTask[] }>('rds-exports', () => ({
  tasks: [],
}))

const describeExportTasks = operation<
  sdk.DescribeExportTasksCommandInput,
  sdk.DescribeExportTasksCommandOutput
>('rds', {
  schema: sdk.DescribeExportTasks$,
  accepts: ['MaxRecords', 'Marker', 'ExportTaskIdentifier'],
  rates: [{ group: 'rds', perSecond: 10, burst: 50 }],
  handle: ({ cell }, input) => {
    const id = input.ExportTaskIdentifier
    const { tasks } = rdsExportsOf(cell)
    const all = tasks.filter((task) => id === undefined || task.ExportTaskIdentifier === id)
    if (id !== undefined && all.length === 0) {
      throw new ServiceError('ExportTaskNotFound', `${id} not found.`, 404)
    }
    const { items, Marker } = listed(all, 'export tasks', input)
    return { ExportTasks: items, Marker }
  },
})

export default defineService({
  name: 'rds',
  family: 'query',
  namespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
  operations: [describeExportTasks],
})
