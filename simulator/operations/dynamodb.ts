import * as sdk from '@aws-sdk/client-dynamodb'
import { ServiceError } from '../errors.ts'
import { checkedLimit } from '../paging.ts'
import { type CellState, serviceState } from '../state.ts'
import {
  defineService,
  type Operation,
  type OperationContext,
  operation,
  type Rate,
} from './operation.ts'

/** A table with its continuous backups, without which DynamoDB does not find the table there, and its resource policy as text. */
export interface SimulatedTable {
  table: sdk.TableDescription
  continuousBackups?: sdk.ContinuousBackupsDescription
  policy?: string
}

/** What DynamoDB holds in a cell. */
export const dynamodbState: (cell: CellState) => {
  tables: SimulatedTable[]
  backups: sdk.BackupDescription[]
} = serviceState('dynamodb', () => ({ tables: [], backups: [] }))

const rate = (operation: string, perSecond: number): Rate[] => [
  { group: `dynamodb:${operation}`, perSecond, burst: perSecond },
]

/** Of all operations of the control plane that have no rate of their own. */
const CONTROL_PLANE = rate('control', 2500)

const arn = ({ state, region, accountId }: OperationContext, resource: string) =>
  `arn:${state.partition}:dynamodb:${region}:${accountId}:${resource}`

/** Tables go by name or ARN. */
function tableArn(context: OperationContext, { TableName }: { TableName: string | undefined }) {
  return TableName?.startsWith('arn:') ? TableName : arn(context, `table/${TableName}`)
}

function tableOf(
  context: OperationContext,
  input: { TableName: string | undefined },
): SimulatedTable | undefined {
  const wanted = tableArn(context, input)
  return dynamodbState(context.cell).tables.find(({ table }) => table.TableArn === wanted)
}

/** The page after the item that the caller names. A full page is followed by another, be it empty, where AWS does so. */
function after<Item>(
  all: readonly Item[],
  idOf: (item: Item) => string | undefined,
  start: string | undefined,
  limit: number | undefined,
): { items: Item[]; rest: number; last: string | undefined } {
  const size = checkedLimit({
    limit,
    minimum: 1,
    maximum: 100,
    standard: 100,
    badLimit: 'ValidationException',
  })
  const at = start === undefined ? -1 : all.findIndex((item) => idOf(item) === start)
  if (start !== undefined && at < 0) {
    throw new ServiceError('ValidationException', `There is nothing called ${start} to start after`)
  }
  const items = all.slice(at + 1, at + 1 + size)
  const last = items.at(-1)
  return {
    items,
    rest: all.length - (at + 1 + items.length),
    last: last === undefined || items.length < size ? undefined : idOf(last),
  }
}

function summary({ BackupDetails: made, SourceTableDetails: source }: sdk.BackupDescription) {
  return {
    TableName: source?.TableName,
    TableId: source?.TableId,
    TableArn: source?.TableArn,
    BackupArn: made?.BackupArn,
    BackupName: made?.BackupName,
    BackupCreationDateTime: made?.BackupCreationDateTime,
    BackupExpiryDateTime: made?.BackupExpiryDateTime,
    BackupStatus: made?.BackupStatus,
    BackupType: made?.BackupType,
    BackupSizeBytes: made?.BackupSizeBytes,
  }
}

const operations: Operation[] = [
  operation<sdk.ListTablesCommandInput, sdk.ListTablesCommandOutput>('dynamodb', {
    schema: sdk.ListTables$,
    accepts: ['Limit', 'ExclusiveStartTableName'],
    rates: CONTROL_PLANE,
    handle: ({ cell }, input) => {
      const { items, rest, last } = after(
        dynamodbState(cell).tables,
        ({ table }) => table.TableName,
        input.ExclusiveStartTableName,
        input.Limit,
      )
      return {
        TableNames: items.map(({ table }) => table.TableName ?? ''),
        LastEvaluatedTableName: rest > 0 ? last : undefined,
      }
    },
  }),
  operation<sdk.DescribeTableCommandInput, sdk.DescribeTableCommandOutput>('dynamodb', {
    schema: sdk.DescribeTable$,
    accepts: ['TableName'],
    rates: CONTROL_PLANE,
    resource: tableArn,
    handle: (context, input) => {
      const found = tableOf(context, input)
      if (found !== undefined) return { Table: found.table }
      const message = `Requested resource not found: Table: ${input.TableName} not found`
      throw new ServiceError('ResourceNotFoundException', message)
    },
  }),
  operation<sdk.DescribeContinuousBackupsCommandInput, sdk.DescribeContinuousBackupsCommandOutput>(
    'dynamodb',
    {
      schema: sdk.DescribeContinuousBackups$,
      accepts: ['TableName'],
      rates: rate('DescribeContinuousBackups', 10),
      resource: tableArn,
      handle: (context, input) => {
        const found = tableOf(context, input)?.continuousBackups
        if (found !== undefined) return { ContinuousBackupsDescription: found }
        throw new ServiceError('TableNotFoundException', `Table not found: ${input.TableName}`)
      },
    },
  ),
  operation<sdk.GetResourcePolicyCommandInput, sdk.GetResourcePolicyCommandOutput>('dynamodb', {
    schema: sdk.GetResourcePolicy$,
    accepts: ['ResourceArn'],
    rates: rate('GetResourcePolicy', 10),
    resource: (_, { ResourceArn = '' }) => ResourceArn,
    handle: (context, { ResourceArn }) => {
      const found = tableOf(context, { TableName: ResourceArn })
      if (found?.policy !== undefined) return { Policy: found.policy, RevisionId: '1' }
      const [code, of] = found
        ? ['PolicyNotFoundException', 'Resource-based policy']
        : ['ResourceNotFoundException', 'Requested resource']
      throw new ServiceError(code ?? '', `${of} not found: ${ResourceArn}`)
    },
  }),
  operation<sdk.ListBackupsCommandInput, sdk.ListBackupsCommandOutput>('dynamodb', {
    schema: sdk.ListBackups$,
    accepts: ['Limit', 'ExclusiveStartBackupArn', 'BackupType'],
    rates: rate('ListBackups', 5),
    handle: ({ cell }, input) => {
      const type = input.BackupType ?? 'USER'
      const { items, last } = after(
        dynamodbState(cell)
          .backups.map(summary)
          .filter((one) => type === 'ALL' || one.BackupType === type),
        ({ BackupArn }) => BackupArn,
        input.ExclusiveStartBackupArn,
        input.Limit,
      )
      return { BackupSummaries: items, LastEvaluatedBackupArn: last }
    },
  }),
  operation<sdk.DescribeBackupCommandInput, sdk.DescribeBackupCommandOutput>('dynamodb', {
    schema: sdk.DescribeBackup$,
    accepts: ['BackupArn'],
    rates: rate('DescribeBackup', 10),
    resource: (_, { BackupArn = '' }) => BackupArn,
    handle: ({ cell }, { BackupArn }) => {
      const found = dynamodbState(cell).backups.find(
        ({ BackupDetails }) => BackupDetails?.BackupArn === BackupArn,
      )
      if (found !== undefined) return { BackupDescription: found }
      throw new ServiceError('BackupNotFoundException', `Backup not found: ${BackupArn}`)
    },
  }),
]

export default defineService({ name: 'dynamodb', family: 'json', jsonVersion: '1.0', operations })
