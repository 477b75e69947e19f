import * as sdk from '@aws-sdk/client-fsx'
import { ServiceError } from '../errors.ts'
import { page } from '../paging.ts'
import { serviceState } from '../state.ts'
import { defineService, type Operation, operation, type Rate } from './operation.ts'

interface FsxState {
  fileSystems: sdk.FileSystem[]
  volumes: sdk.Volume[]
  backups: sdk.Backup[]
}

/** What FSx holds in a cell. */
export const fsxOf = serviceState<FsxState>('fsx', () => ({
  fileSystems: [],
  volumes: [],
  backups: [],
}))

const RATE: Rate[] = [{ group: 'fsx', perSecond: 10, burst: 20 }]

/** The service's own bound of a page, which no caller can raise. */
const MOST = 100

function listed<Item>(
  all: readonly Item[],
  list: string,
  input: { NextToken?: string; MaxResults?: number },
) {
  const { items, next } = page(all, {
    list,
    token: input.NextToken,
    limit: Math.min(input.MaxResults ?? MOST, MOST),
    minimum: 1,
    maximum: MOST,
    standard: MOST,
    badToken: 'BadRequest',
    badLimit: 'BadRequest',
  })
  return { items, NextToken: next }
}

/** Every item, or those named, or the service's error where one of them does not exist. */
function named<Item>(
  all: readonly Item[],
  ids: string[] | undefined,
  idOf: (item: Item) => string | undefined,
  code: string,
): readonly Item[] {
  if (ids === undefined) return all
  return ids.map((id) => {
    const found = all.find((item) => idOf(item) === id)
    if (found === undefined) throw new ServiceError(code, `${id} does not exist.`)
    return found
  })
}

const operations: Operation[] = [
  operation<sdk.DescribeFileSystemsCommandInput, sdk.DescribeFileSystemsCommandOutput>('fsx', {
    schema: sdk.DescribeFileSystems$,
    accepts: ['MaxResults', 'NextToken', 'FileSystemIds'],
    rates: RATE,
    handle: ({ cell }, input) => {
      const { fileSystems } = fsxOf(cell)
      const ids = input.FileSystemIds
      const all = named(fileSystems, ids, (one) => one.FileSystemId, 'FileSystemNotFound')
      const { items, NextToken } = listed(all, 'file systems', input)
      return { FileSystems: [...items], NextToken }
    },
  }),
  operation<sdk.DescribeVolumesCommandInput, sdk.DescribeVolumesCommandOutput>('fsx', {
    schema: sdk.DescribeVolumes$,
    accepts: ['MaxResults', 'NextToken', 'VolumeIds'],
    rates: RATE,
    handle: ({ cell }, input) => {
      const { volumes } = fsxOf(cell)
      const all = named(volumes, input.VolumeIds, (one) => one.VolumeId, 'VolumeNotFound')
      const { items, NextToken } = listed(all, 'volumes', input)
      return { Volumes: [...items], NextToken }
    },
  }),
  operation<sdk.DescribeBackupsCommandInput, sdk.DescribeBackupsCommandOutput>('fsx', {
    schema: sdk.DescribeBackups$,
    accepts: ['MaxResults', 'NextToken', 'BackupIds'],
    rates: RATE,
    handle: ({ cell }, input) => {
      const { backups } = fsxOf(cell)
      const all = named(backups, input.BackupIds, (one) => one.BackupId, 'BackupNotFound')
      const { items, NextToken } = listed(all, 'backups', input)
      return { Backups: [...items], NextToken }
    },
  }),
]

export default defineService({
  name: 'fsx',
  family: 'json',
  operations,
})
