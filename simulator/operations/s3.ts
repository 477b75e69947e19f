import { createHash } from 'node:crypto'
import * as sdk from '@aws-sdk/client-s3'
import { ServiceError } from '../errors.ts'
import { page } from '../paging.ts'
import { type AccountState, serviceState } from '../state.ts'
import {
  defineService,
  type Operation,
  type OperationContext,
  operation,
  type Rate,
} from './operation.ts'

export interface SimulatedBucket {
  Name: string
  CreationDate: Date
  encryption: sdk.ServerSideEncryptionConfiguration
  versioning?: { Status?: 'Enabled' | 'Suspended'; MFADelete?: 'Enabled' | 'Disabled' }
  objectLock?: sdk.ObjectLockConfiguration
  publicAccessBlock?: sdk.PublicAccessBlockConfiguration
  replication?: sdk.ReplicationConfiguration
  /** A document as text. */
  policy?: string
}

/** The buckets of an account in a Region. */
export const s3Of = serviceState<{ buckets: SimulatedBucket[] }>('s3', () => ({ buckets: [] }))

const RATE: Rate[] = [{ group: 's3', perSecond: 100, burst: 100 }]

const arn = ({ state }: OperationContext, { Bucket }: { Bucket: string | undefined }) =>
  `arn:${state.partition}:s3:::${Bucket}`

/** A bucket, and where it is. */
interface Found {
  bucket: SimulatedBucket
  accountId: string
  region: string
}

function findIn(
  accountId: string,
  { cells }: AccountState,
  name: string | undefined,
): Found | undefined {
  for (const [region, cell] of cells) {
    const bucket = s3Of(cell).buckets.find((one) => one.Name === name)
    if (bucket) return { bucket, accountId, region }
  }
  return undefined
}

/** Names of buckets are anybody's; most calls are for the caller's own, where it is looked for first. */
function find({ state, account, accountId }: OperationContext, name: string | undefined): Found {
  const found = findIn(accountId, account, name)
  if (found) return found
  for (const [id, other] of state.accounts) {
    const foreign = findIn(id, other, name)
    if (foreign) return foreign
  }
  throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404)
}

function ofCaller(context: OperationContext, found: Found): Found {
  if (found.accountId === context.accountId) return found
  throw new ServiceError('AccessDenied', 'Access Denied', 403)
}

/** A bucket answers to its own account at the endpoint of its own Region; elsewhere S3 says why it does not. */
function lookUp(context: OperationContext, name: string | undefined): SimulatedBucket {
  const found = find(context, name)
  if (found.region !== context.region) {
    const message =
      'The bucket you are attempting to access must be addressed using the specified endpoint.'
    throw new ServiceError('PermanentRedirect', message, 301)
  }
  return ofCaller(context, found).bucket
}

/**
 * The one question about a bucket that S3 answers its account in every Region; us-east-1 has no constraint, and so an empty answer.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
 */
function locationOf(
  context: OperationContext,
  name: string | undefined,
): sdk.GetBucketLocationOutput {
  const { region } = ofCaller(context, find(context, name))
  return region === 'us-east-1'
    ? {}
    : { LocationConstraint: region as sdk.BucketLocationConstraint }
}

/** What was configured, or the error that says that nothing was. */
function configured<T>(value: T | undefined, code: string, message: string): T {
  if (value !== undefined) return value
  throw new ServiceError(code, message, 404)
}

function listBuckets(
  { account, accountId, region }: OperationContext,
  input: sdk.ListBucketsCommandInput,
): sdk.ListBucketsOutput {
  if (input.BucketRegion !== undefined && input.BucketRegion !== region) {
    const message = `Argument value ${input.BucketRegion} is not a valid AWS Region or the requested Region does not match the endpoint`
    throw new ServiceError('InvalidArgument', message)
  }
  const all = [...account.cells]
    .filter(([name]) => input.BucketRegion === undefined || name === input.BucketRegion)
    .flatMap(([BucketRegion, cell]) =>
      s3Of(cell).buckets.map(({ Name, CreationDate }) => ({ Name, CreationDate, BucketRegion })),
    )
    .filter(({ Name }) => Name.startsWith(input.Prefix ?? ''))
    .sort((a, b) => (a.Name < b.Name ? -1 : 1))
  const { items, next } = page(all, {
    list: 'buckets',
    token: input.ContinuationToken,
    limit: input.MaxBuckets,
    minimum: 1,
    maximum: 10_000,
    standard: 10_000,
    badToken: 'InvalidArgument',
    badLimit: 'InvalidArgument',
  })
  // The Region is told only to those who send any parameter at all.
  const asked = [input.MaxBuckets, input.ContinuationToken, input.Prefix, input.BucketRegion]
  const telling = asked.some((value) => value !== undefined)
  return {
    Buckets: telling
      ? items
      : items.map(({ Name, CreationDate }) => ({ Name, CreationDate }) satisfies sdk.Bucket),
    Owner: { ID: createHash('sha256').update(accountId).digest('hex') },
    ...(next === undefined ? {} : { ContinuationToken: next }),
  }
}

const operations: Operation[] = [
  operation<sdk.ListBucketsCommandInput, sdk.ListBucketsCommandOutput>('s3', {
    schema: sdk.ListBuckets$,
    action: 's3:ListAllMyBuckets',
    accepts: ['MaxBuckets', 'ContinuationToken', 'Prefix', 'BucketRegion'],
    rates: RATE,
    resource: ({ state }) => `arn:${state.partition}:s3:::*`,
    handle: listBuckets,
  }),
  operation<sdk.GetBucketLocationCommandInput, sdk.GetBucketLocationCommandOutput>('s3', {
    schema: sdk.GetBucketLocation$,
    accepts: ['Bucket'],
    rates: RATE,
    resource: arn,
    handle: (context, { Bucket }) => locationOf(context, Bucket),
  }),
  operation<sdk.GetBucketEncryptionCommandInput, sdk.GetBucketEncryptionCommandOutput>('s3', {
    schema: sdk.GetBucketEncryption$,
    action: 's3:GetEncryptionConfiguration',
    accepts: ['Bucket'],
    rates: RATE,
    resource: arn,
    handle: (context, { Bucket }) => ({
      ServerSideEncryptionConfiguration: lookUp(context, Bucket).encryption,
    }),
  }),
  operation<sdk.GetBucketVersioningCommandInput, sdk.GetBucketVersioningCommandOutput>('s3', {
    schema: sdk.GetBucketVersioning$,
    accepts: ['Bucket'],
    rates: RATE,
    resource: arn,
    // Where it was never switched on the answer is empty.
    handle: (context, { Bucket }) => lookUp(context, Bucket).versioning ?? {},
  }),
  operation<
    sdk.GetObjectLockConfigurationCommandInput,
    sdk.GetObjectLockConfigurationCommandOutput
  >('s3', {
    schema: sdk.GetObjectLockConfiguration$,
    action: 's3:GetBucketObjectLockConfiguration',
    accepts: ['Bucket'],
    rates: RATE,
    resource: arn,
    handle: (context, { Bucket }) => ({
      ObjectLockConfiguration: configured(
        lookUp(context, Bucket).objectLock,
        'ObjectLockConfigurationNotFoundError',
        'Object Lock configuration does not exist for this bucket',
      ),
    }),
  }),
  operation<sdk.GetPublicAccessBlockCommandInput, sdk.GetPublicAccessBlockCommandOutput>('s3', {
    schema: sdk.GetPublicAccessBlock$,
    action: 's3:GetBucketPublicAccessBlock',
    accepts: ['Bucket'],
    rates: RATE,
    resource: arn,
    handle: (context, { Bucket }) => ({
      PublicAccessBlockConfiguration: configured(
        lookUp(context, Bucket).publicAccessBlock,
        'NoSuchPublicAccessBlockConfiguration',
        'The public access block configuration was not found',
      ),
    }),
  }),
  operation<sdk.GetBucketPolicyCommandInput, sdk.GetBucketPolicyCommandOutput>('s3', {
    schema: sdk.GetBucketPolicy$,
    accepts: ['Bucket'],
    rates: RATE,
    resource: arn,
    handle: (context, { Bucket }) => ({
      Policy: configured(
        lookUp(context, Bucket).policy,
        'NoSuchBucketPolicy',
        'The bucket policy does not exist',
      ),
    }),
  }),
  operation<sdk.GetBucketReplicationCommandInput, sdk.GetBucketReplicationCommandOutput>('s3', {
    schema: sdk.GetBucketReplication$,
    action: 's3:GetReplicationConfiguration',
    accepts: ['Bucket'],
    rates: RATE,
    resource: arn,
    handle: (context, { Bucket }) => ({
      ReplicationConfiguration: configured(
        lookUp(context, Bucket).replication,
        'ReplicationConfigurationNotFoundError',
        'The replication configuration was not found',
      ),
    }),
  }),
]

export default defineService({
  name: 's3',
  family: 'restXml',
  namespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
  operations,
})
