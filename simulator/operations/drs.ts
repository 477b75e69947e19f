import type * as sdk from '@aws-sdk/client-drs'
import type { StaticOperationSchema } from '@smithy/types'
import { ServiceError } from '../errors.ts'
import { paging } from '../paging.ts'
import {
  GetReplicationConfiguration$,
  listSchema,
  SourceServer$,
  Template$,
} from '../protocols/drs-schemas.ts'
import { type CellState, serviceState } from '../state.ts'
import { type Answer, defineService, operation, type Rate } from './operation.ts'

/** What Elastic Disaster Recovery holds in a cell. */
export interface DrsState {
  /** False until the account has been set up for the service: every call then is refused. */
  initialized: boolean
  templates: sdk.ReplicationConfigurationTemplate[]
  servers: sdk.SourceServer[]
  /** By the server's id; a server without an entry was deleted since it was listed. */
  configurations: Record<string, sdk.ReplicationConfiguration>
}

export const drsState = serviceState<DrsState>('drs', () => ({
  initialized: false,
  templates: [],
  servers: [],
  configurations: {},
}))

const RATES: Rate[] = [{ group: 'drs', perSecond: 10, burst: 20 }]

function initialized(cell: CellState): DrsState {
  const state = drsState(cell)
  if (state.initialized) return state
  const message = 'Account not initialized'
  throw new ServiceError('UninitializedAccountException', message)
}

interface PageInput {
  maxResults?: number
  nextToken?: string
}

const listed = paging({
  token: 'nextToken',
  limit: 'maxResults',
  minimum: 1,
  maximum: 1000,
  standard: 50,
  badToken: 'ValidationException',
  badLimit: 'ValidationException',
})

/** A list, paged as the service does it. */
function list<Item>(schema: StaticOperationSchema, itemsOf: (state: DrsState) => Item[]) {
  const [, , name] = schema
  return operation<PageInput, { items?: Item[]; nextToken?: string | undefined }>('drs', {
    schema,
    accepts: ['maxResults', 'nextToken'],
    rates: RATES,
    handle: ({ cell }, input) => listed(itemsOf(initialized(cell)), name, input),
  })
}

export default defineService({
  name: 'drs',
  family: 'restJson',
  operations: [
    list(
      listSchema('DescribeReplicationConfigurationTemplates', Template$),
      (state) => state.templates,
    ),
    list(listSchema('DescribeSourceServers', SourceServer$), (state) => state.servers),
    operation<
      sdk.GetReplicationConfigurationCommandInput,
      Answer<sdk.GetReplicationConfigurationCommandOutput>
    >('drs', {
      schema: GetReplicationConfiguration$,
      accepts: ['sourceServerID'],
      rates: RATES,
      resource: ({ state, region, accountId }, { sourceServerID }) =>
        `arn:${state.partition}:drs:${region}:${accountId}:source-server/${sourceServerID}`,
      handle: ({ cell }, { sourceServerID = '' }) => {
        const found = initialized(cell).configurations[sourceServerID]
        if (found) return found
        throw new ServiceError('ResourceNotFoundException', `No server ${sourceServerID}`, 404)
      },
    }),
  ],
})
