import * as sdk from '@aws-sdk/client-ec2'
import { ServiceError } from '../errors.ts'
import { page } from '../paging.ts'
import { serviceState } from '../state.ts'
import { defineService, type Operation, operation, type Rate } from './operation.ts'

/** Whom snapshots and images are shared with, by their ids. What the state calls public is so without an entry here. */
export const ec2Sharing = serviceState('ec2-sharing', () => ({
  snapshots: {} as Record<string, sdk.CreateVolumePermission[]>,
  images: {} as Record<string, sdk.LaunchPermission[]>,
}))

const everybody = { Group: 'all' } as const

/** Non-mutating calls: each API has its own bucket. */
const rate = (api: string): Rate[] => [{ group: `ec2:${api}`, perSecond: 20, burst: 100 }]

/** Unpaged and unfiltered lists of these draw from a smaller bucket. */
const pagedRate = (api: string, paged: boolean): Rate[] =>
  paged ? rate(api) : [{ group: `ec2:${api}:unpaged`, perSecond: 10, burst: 50 }]

function listed<Item>(
  all: readonly Item[],
  list: string,
  input: { NextToken?: string; MaxResults?: number },
) {
  const { items, next } = page(all, {
    list,
    token: input.NextToken,
    limit: input.MaxResults,
    minimum: input.MaxResults === undefined ? 0 : 5,
    maximum: input.MaxResults === undefined ? Infinity : 1000,
    standard: Math.max(all.length, 1),
    badToken: 'InvalidNextToken',
    badLimit: 'InvalidParameterValue',
  })
  return { items, NextToken: next }
}

/** Everything in the state belongs to the account, so no owner and `self` mean the same. */
function onlyOwn(owners: string[] | undefined, accountId: string): void {
  for (const owner of owners ?? []) {
    if (owner === 'self' || owner === accountId) continue
    throw new ServiceError('InvalidParameterValue', `The simulator has no images of ${owner}`)
  }
}

/** All the named ones, or the service's error for the first that is missing. */
function named<Item>(
  all: readonly Item[],
  ids: string[] | undefined,
  idOf: (item: Item) => string | undefined,
  code: string,
): readonly Item[] {
  if (ids === undefined || ids.length === 0) return all
  return ids.map((id) => {
    const found = all.find((one) => idOf(one) === id)
    if (found === undefined) throw new ServiceError(code, `'${id}' does not exist.`)
    return found
  })
}

/** Of the attributes only who it is shared with is simulated. */
function only(asked: string | undefined, known: string): void {
  if (asked === known) return
  throw new ServiceError('InvalidParameterValue', `The simulator does not know attribute ${asked}`)
}

const operations: Operation[] = [
  operation<sdk.DescribeSnapshotsCommandInput, sdk.DescribeSnapshotsCommandOutput>('ec2', {
    schema: sdk.DescribeSnapshots$,
    accepts: ['MaxResults', 'NextToken', 'OwnerIds', 'RestorableByUserIds', 'SnapshotIds'],
    rates: (input) => pagedRate('DescribeSnapshots', input.MaxResults !== undefined),
    handle: ({ cell, accountId }, input) => {
      onlyOwn(input.OwnerIds, accountId)
      const { snapshots, publicSnapshotIds } = cell.ec2
      const restorable = input.RestorableByUserIds ?? []
      if (restorable.some((one) => one !== 'all')) {
        throw new ServiceError('InvalidParameterValue', 'The simulator knows only "all" here')
      }
      const visible =
        restorable.length === 0
          ? snapshots
          : snapshots.filter((one) => publicSnapshotIds.has(one.SnapshotId ?? ''))
      const code = 'InvalidSnapshot.NotFound'
      const all = named(visible, input.SnapshotIds, (one) => one.SnapshotId, code)
      const { items, NextToken } = listed(all, `snapshots ${restorable}`, input)
      return { Snapshots: items, NextToken }
    },
  }),
  operation<sdk.DescribeVolumesCommandInput, sdk.DescribeVolumesCommandOutput>('ec2', {
    schema: sdk.DescribeVolumes$,
    accepts: ['MaxResults', 'NextToken', 'VolumeIds'],
    rates: (input) => pagedRate('DescribeVolumes', input.MaxResults !== undefined),
    handle: ({ cell }, input) => {
      const code = 'InvalidVolume.NotFound'
      const all = named(cell.ec2.volumes, input.VolumeIds, (one) => one.VolumeId, code)
      const { items, NextToken } = listed(all, 'volumes', input)
      return { Volumes: items, NextToken }
    },
  }),
  operation<sdk.DescribeInstancesCommandInput, sdk.DescribeInstancesCommandOutput>('ec2', {
    schema: sdk.DescribeInstances$,
    accepts: ['MaxResults', 'NextToken', 'InstanceIds'],
    rates: (input) => pagedRate('DescribeInstances', input.MaxResults !== undefined),
    handle: ({ cell, accountId }, input) => {
      const code = 'InvalidInstanceID.NotFound'
      const all = named(cell.ec2.instances, input.InstanceIds, (one) => one.InstanceId, code)
      const { items, NextToken } = listed(all, 'instances', input)
      // One reservation each, as instances have that were launched one by one.
      return {
        Reservations: items.map((instance) => ({ OwnerId: accountId, Instances: [instance] })),
        NextToken,
      }
    },
  }),
  operation<sdk.DescribeImagesCommandInput, sdk.DescribeImagesCommandOutput>('ec2', {
    schema: sdk.DescribeImages$,
    accepts: [
      'MaxResults',
      'NextToken',
      'Owners',
      'ImageIds',
      'IncludeDeprecated',
      'IncludeDisabled',
    ],
    rates: rate('DescribeImages'),
    handle: ({ cell, accountId }, input) => {
      onlyOwn(input.Owners, accountId)
      // An owner always sees the deprecated images, disabled ones only when asked for.
      const visible = cell.ec2.images.filter(
        (one) => input.IncludeDisabled === true || one.State !== 'disabled',
      )
      const all = named(visible, input.ImageIds, (one) => one.ImageId, 'InvalidAMIID.NotFound')
      const { items, NextToken } = listed(all, `images ${input.IncludeDisabled}`, input)
      return { Images: items, NextToken }
    },
  }),
  operation<sdk.DescribeLockedSnapshotsCommandInput, sdk.DescribeLockedSnapshotsCommandOutput>(
    'ec2',
    {
      schema: sdk.DescribeLockedSnapshots$,
      accepts: ['MaxResults', 'NextToken'],
      rates: rate('DescribeLockedSnapshots'),
      handle: ({ cell }, input) => {
        const { items, NextToken } = listed(cell.ec2.lockedSnapshots, 'locked', input)
        return { Snapshots: items, NextToken }
      },
    },
  ),
  operation<sdk.DescribeSnapshotAttributeCommandInput, sdk.DescribeSnapshotAttributeCommandOutput>(
    'ec2',
    {
      schema: sdk.DescribeSnapshotAttribute$,
      accepts: ['Attribute', 'SnapshotId'],
      rates: rate('DescribeSnapshotAttribute'),
      resource: ({ region, state }, { SnapshotId }) =>
        `arn:${state.partition}:ec2:${region}::snapshot/${SnapshotId}`,
      handle: ({ cell }, { Attribute, SnapshotId = '' }) => {
        only(Attribute, 'createVolumePermission')
        const { snapshots, publicSnapshotIds } = cell.ec2
        named(snapshots, [SnapshotId], (one) => one.SnapshotId, 'InvalidSnapshot.NotFound')
        const shared = ec2Sharing(cell).snapshots[SnapshotId] ?? []
        const open = publicSnapshotIds.has(SnapshotId) ? [everybody] : []
        return { SnapshotId, CreateVolumePermissions: [...open, ...shared] }
      },
    },
  ),
  operation<sdk.DescribeImageAttributeCommandInput, sdk.DescribeImageAttributeCommandOutput>(
    'ec2',
    {
      schema: sdk.DescribeImageAttribute$,
      accepts: ['Attribute', 'ImageId'],
      rates: rate('DescribeImageAttribute'),
      resource: ({ region, state }, { ImageId }) =>
        `arn:${state.partition}:ec2:${region}::image/${ImageId}`,
      handle: ({ cell }, { Attribute, ImageId = '' }) => {
        only(Attribute, 'launchPermission')
        const [image] = named(
          cell.ec2.images,
          [ImageId],
          (one) => one.ImageId,
          'InvalidAMIID.NotFound',
        )
        const open = image?.Public ? [everybody] : []
        return {
          ImageId,
          LaunchPermissions: [...open, ...(ec2Sharing(cell).images[ImageId] ?? [])],
        }
      },
    },
  ),
  operation<sdk.GetEbsEncryptionByDefaultCommandInput, sdk.GetEbsEncryptionByDefaultCommandOutput>(
    'ec2',
    {
      schema: sdk.GetEbsEncryptionByDefault$,
      accepts: [],
      rates: rate('GetEbsEncryptionByDefault'),
      handle: ({ cell }) => ({ EbsEncryptionByDefault: cell.ec2.ebsEncryptionByDefault }),
    },
  ),
  operation<sdk.GetEbsDefaultKmsKeyIdCommandInput, sdk.GetEbsDefaultKmsKeyIdCommandOutput>('ec2', {
    schema: sdk.GetEbsDefaultKmsKeyId$,
    accepts: [],
    rates: rate('GetEbsDefaultKmsKeyId'),
    handle: ({ cell }) => ({ KmsKeyId: cell.ec2.ebsDefaultKmsKeyId }),
  }),
  operation<
    sdk.GetSnapshotBlockPublicAccessStateCommandInput,
    sdk.GetSnapshotBlockPublicAccessStateCommandOutput
  >('ec2', {
    schema: sdk.GetSnapshotBlockPublicAccessState$,
    accepts: [],
    rates: rate('GetSnapshotBlockPublicAccessState'),
    handle: ({ cell }) => ({ State: cell.ec2.snapshotBlockPublicAccess, ManagedBy: 'account' }),
  }),
  operation<sdk.DescribeRegionsCommandInput, sdk.DescribeRegionsCommandOutput>('ec2', {
    schema: sdk.DescribeRegions$,
    accepts: ['AllRegions'],
    rates: rate('DescribeRegions'),
    handle: ({ state, account }, input) => ({
      Regions: state.regions
        .filter(({ name }) => input.AllRegions === true || account.enabledRegions.has(name))
        .map(({ name, optIn }) => ({
          RegionName: name,
          Endpoint: `ec2.${name}.amazonaws.com`,
          OptInStatus: optInStatus(optIn, account.enabledRegions.has(name)),
        })),
    }),
  }),
]

function optInStatus(optIn: boolean, enabled: boolean): string {
  if (!optIn) return 'opt-in-not-required'
  return enabled ? 'opted-in' : 'not-opted-in'
}

export default defineService({
  name: 'ec2',
  family: 'ec2',
  namespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  operations,
})
