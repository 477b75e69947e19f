import * as sdk from '@aws-sdk/client-efs'
import { ServiceError } from '../errors.ts'
import { page } from '../paging.ts'
import { type CellState, serviceState } from '../state.ts'
import {
  defineService,
  type Operation,
  type OperationContext,
  operation,
  type Rate,
} from './operation.ts'

/** A file system with its backup policy, which a One Zone file system may lack, and its resource policy as text. */
export interface SimulatedFileSystem {
  fileSystem: sdk.FileSystemDescription
  backupPolicy?: sdk.BackupPolicy
  policy?: string
}

/** A file system that is gone may still be listed for a while. */
const isThere = ({ LifeCycleState }: sdk.FileSystemDescription) => LifeCycleState !== 'deleted'

/** What EFS holds in a cell. */
export const efsState: (cell: CellState) => {
  fileSystems: SimulatedFileSystem[]
  replications: sdk.ReplicationConfigurationDescription[]
} = serviceState('elasticfilesystem', () => ({ fileSystems: [], replications: [] }))

const RATE: Rate[] = [{ group: 'efs', perSecond: 20, burst: 20 }]
const LIST = { minimum: 1, standard: 100, badToken: 'BadRequest', badLimit: 'BadRequest' }

/** File systems go by id or ARN. */
function fileSystemArn(
  { state, region, accountId }: OperationContext,
  { FileSystemId }: { FileSystemId?: string | undefined },
): string {
  if (FileSystemId?.startsWith('arn:')) return FileSystemId
  const id = FileSystemId ?? '*'
  return `arn:${state.partition}:elasticfilesystem:${region}:${accountId}:file-system/${id}`
}

interface Named {
  FileSystemId: string | undefined
}

function lookUp(context: OperationContext, input: Named): SimulatedFileSystem {
  const wanted = fileSystemArn(context, input)
  const found = efsState(context.cell).fileSystems.find(
    ({ fileSystem }) => fileSystem.FileSystemArn === wanted && isThere(fileSystem),
  )
  if (found) return found
  const message = `File system '${input.FileSystemId}' does not exist.`
  throw new ServiceError('FileSystemNotFound', message, 404)
}

function policyOf<T>(policy: T | undefined, name: string, { FileSystemId }: Named): T {
  if (policy !== undefined) return policy
  const message = `File system '${FileSystemId}' has no ${name}.`
  throw new ServiceError('PolicyNotFound', message, 404)
}

const operations: Operation[] = [
  operation<sdk.DescribeFileSystemsCommandInput, sdk.DescribeFileSystemsCommandOutput>(
    'elasticfilesystem',
    {
      schema: sdk.DescribeFileSystems$,
      accepts: ['Marker', 'MaxItems'],
      rates: RATE,
      resource: fileSystemArn,
      handle: ({ cell }, input) => {
        const { items, next } = page(efsState(cell).fileSystems, {
          list: 'file systems',
          token: input.Marker,
          // Whatever is asked for, the number is set to 100.
          limit: undefined,
          maximum: 100,
          ...LIST,
        })
        return {
          FileSystems: items.map(({ fileSystem }) => fileSystem),
          Marker: input.Marker,
          NextMarker: next,
        }
      },
    },
  ),
  operation<sdk.DescribeBackupPolicyCommandInput, sdk.DescribeBackupPolicyCommandOutput>(
    'elasticfilesystem',
    {
      schema: sdk.DescribeBackupPolicy$,
      accepts: ['FileSystemId'],
      rates: RATE,
      resource: fileSystemArn,
      handle: (context, input) => ({
        BackupPolicy: policyOf(lookUp(context, input).backupPolicy, 'backup policy', input),
      }),
    },
  ),
  operation<sdk.DescribeFileSystemPolicyCommandInput, sdk.DescribeFileSystemPolicyCommandOutput>(
    'elasticfilesystem',
    {
      schema: sdk.DescribeFileSystemPolicy$,
      accepts: ['FileSystemId'],
      rates: RATE,
      resource: fileSystemArn,
      handle: (context, input) => {
        const { fileSystem, policy } = lookUp(context, input)
        const { FileSystemId } = fileSystem
        return { FileSystemId, Policy: policyOf(policy, 'policy', input) }
      },
    },
  ),
  operation<
    sdk.DescribeReplicationConfigurationsCommandInput,
    sdk.DescribeReplicationConfigurationsCommandOutput
  >('elasticfilesystem', {
    schema: sdk.DescribeReplicationConfigurations$,
    accepts: ['NextToken', 'MaxResults'],
    rates: RATE,
    resource: fileSystemArn,
    handle: ({ cell }, input) => {
      const { items, next } = page(efsState(cell).replications, {
        list: 'replications',
        token: input.NextToken,
        limit: input.MaxResults,
        maximum: 100,
        ...LIST,
      })
      return { Replications: items, NextToken: next }
    },
  }),
]

export default defineService({ name: 'elasticfilesystem', family: 'restJson', operations })
