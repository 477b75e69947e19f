import { Readable } from 'node:stream'
import * as backup from '@aws-sdk/client-backup'
import * as ec2 from '@aws-sdk/client-ec2'
import * as kms from '@aws-sdk/client-kms'
import * as organizations from '@aws-sdk/client-organizations'
import * as rds from '@aws-sdk/client-rds'
import * as s3 from '@aws-sdk/client-s3'
import * as sts from '@aws-sdk/client-sts'
import { afterEach, expect, test } from 'vitest'
import { s3Of } from '../../simulator/operations/s3.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/server.ts'
import { emptyCell } from '../../simulator/state.ts'
import { MEMBER, NASTY, smallState } from './state.ts'

let simulator: Simulator
afterEach(() => simulator.close())

const USER = { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'secret' }

async function start(options: Partial<SimulatorOptions> = {}) {
  const state = options.state ?? smallState()
  simulator = await startSimulator({ ...options, state })
  return { state, member: state.accounts.get(MEMBER) }
}

type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
const config = (credentials: Credentials, region = 'us-east-1') => ({
  region,
  credentials,
  endpoint: simulator.url,
  maxAttempts: 1,
})

async function memberConfig(region?: string) {
  const client = new sts.STSClient(config(USER))
  const { Credentials: issued } = await client.send(
    new sts.AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${MEMBER}:role/audit`,
      RoleSessionName: 'test',
      ExternalId: 'secret-id',
    }),
  )
  const credentials = {
    accessKeyId: issued?.AccessKeyId ?? '',
    secretAccessKey: issued?.SecretAccessKey ?? '',
    sessionToken: issued?.SessionToken ?? '',
  }
  return config(credentials, region)
}

const listVaults = async (region?: string) =>
  new backup.BackupClient(await memberConfig(region)).send(new backup.ListBackupVaultsCommand())

test('pages of accounts end, with an empty one among them', async () => {
  await start()
  const client = new organizations.OrganizationsClient(config(USER))
  const sizes = []
  for await (const page of organizations.paginateListAccounts({ client }, {})) {
    sizes.push(page.Accounts?.length)
  }
  expect(sizes).toEqual([20, 0, 20, 5])
})

test('pages of backup, rds and ec2 hold every item once', async () => {
  await start()
  const shared = await memberConfig()
  const points = new Set()
  const pages = backup.paginateListRecoveryPointsByBackupVault(
    { client: new backup.BackupClient(shared) },
    { BackupVaultName: 'vault one' },
  )
  for await (const page of pages) {
    for (const one of page.RecoveryPoints ?? []) points.add(one.RecoveryPointArn)
  }
  expect(points.size).toBe(2500)
  let instances = 0
  const client = new rds.RDSClient(shared)
  for await (const page of rds.paginateDescribeDBInstances({ client }, {})) {
    instances += page.DBInstances?.length ?? 0
  }
  expect(instances).toBe(130)
  const ec2Client = new ec2.EC2Client(shared)
  let snapshots = 0
  for await (const page of ec2.paginateDescribeSnapshots(
    { client: ec2Client, pageSize: 5 },
    { OwnerIds: ['self'] },
  )) {
    snapshots += page.Snapshots?.length ?? 0
  }
  expect(snapshots).toBe(12)
  const open = await ec2Client.send(
    new ec2.DescribeSnapshotsCommand({ OwnerIds: ['self'], RestorableByUserIds: ['all'] }),
  )
  expect(open.Snapshots?.map((one) => one.SnapshotId)).toEqual(['snap-00000000000000003'])
  const bad = new ec2.DescribeVolumesCommand({ MaxResults: 5, NextToken: 'nonsense' })
  await expect(ec2Client.send(bad)).rejects.toMatchObject({ name: 'InvalidNextToken' })
})

test('awkward text, dates and absent values survive every protocol', async () => {
  const { state } = await start()
  const shared = await memberConfig()
  const b = new backup.BackupClient(shared)
  const policy = new backup.GetBackupVaultAccessPolicyCommand({ BackupVaultName: 'vault one' })
  expect((await b.send(policy)).Policy).toBe(NASTY)
  const cell = state.accounts.get(MEMBER)?.cells.get('us-east-1')
  const vaults = await b.send(new backup.ListBackupVaultsCommand())
  expect(vaults.BackupVaultList).toEqual(cell?.backup.vaults)
  const e = new ec2.EC2Client(shared)
  expect((await e.send(new ec2.DescribeSnapshotsCommand())).Snapshots).toEqual(cell?.ec2.snapshots)
  const r = new rds.RDSClient(shared)
  const instances = await r.send(new rds.DescribeDBInstancesCommand({ MaxRecords: 20 }))
  expect(instances.DBInstances).toEqual(cell?.rds.instances.slice(0, 20))
  const k = new kms.KMSClient(shared)
  const key = await k.send(new kms.DescribeKeyCommand({ KeyId: 'alias/one' }))
  expect(key.KeyMetadata).toEqual(cell?.kms.keys[0]?.metadata)
})

test('services answer their own codes for what is not there', async () => {
  await start()
  const shared = await memberConfig()
  const b = new backup.BackupClient(shared)
  const input = { BackupVaultName: 'bare' }
  await expect(b.send(new backup.GetBackupVaultAccessPolicyCommand(input))).rejects.toBeInstanceOf(
    backup.ResourceNotFoundException,
  )
  await expect(b.send(new backup.GetBackupVaultNotificationsCommand(input))).rejects.toMatchObject({
    name: 'ERROR_2106',
    $metadata: { httpStatusCode: 400 },
  })
  await expect(b.send(new backup.ListFrameworksCommand())).rejects.toMatchObject({
    name: 'UnknownOperationException',
  })
  const k = new kms.KMSClient(shared)
  const KeyId = '11111111-1111-1111-1111-111111111111'
  await expect(k.send(new kms.GetKeyRotationStatusCommand({ KeyId }))).rejects.toBeInstanceOf(
    kms.UnsupportedOperationException,
  )
  const r = new rds.RDSClient(shared)
  await expect(r.send(new rds.DescribeEventsCommand())).rejects.toMatchObject({
    name: 'InvalidAction',
  })
})

test('denials say which kind of policy denied', async () => {
  const { member } = await start()
  const role = member?.roles[0]
  member?.serviceControlDenials.push({ actions: ['backup:List*'] })
  role?.deny.push({ actions: ['rds:*'] })
  if (role !== undefined) role.allow = ['backup:*']
  await expect(listVaults()).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringMatching(
      /^User: arn:aws:sts::333333333333:assumed-role\/audit\/test is not authorized to perform: backup:ListBackupVaults on resource: .* with an explicit deny in a service control policy$/,
    ),
  })
  const shared = await memberConfig()
  await expect(
    new rds.RDSClient(shared).send(new rds.DescribeDBInstancesCommand()),
  ).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('with an explicit deny in an identity-based policy'),
  })
  await expect(
    new ec2.EC2Client(shared).send(new ec2.DescribeVolumesCommand()),
  ).rejects.toMatchObject({
    name: 'UnauthorizedOperation',
    message: expect.stringContaining(
      'because no identity-based policy allows the ec2:DescribeVolumes action',
    ),
  })
  expect(simulator.usedActions).toEqual(new Set(['sts:AssumeRole']))
})

test('a missing role and a wrong external id look the same', async () => {
  await start()
  const client = new sts.STSClient(config(USER))
  for (const [name, ExternalId] of [
    ['nobody', 'secret-id'],
    ['audit', 'wrong'],
  ]) {
    const RoleArn = `arn:aws:iam::${MEMBER}:role/${name}`
    const command = new sts.AssumeRoleCommand({ RoleArn, RoleSessionName: 'test', ExternalId })
    await expect(client.send(command)).rejects.toMatchObject({ name: 'AccessDenied' })
  }
})

test('credentials: wrong secret, unknown key, disabled Region, expiry', async () => {
  let now = new Date('2026-01-01T00:00:00Z')
  await start({ clock: () => now })
  const identity = new sts.GetCallerIdentityCommand()
  await expect(
    new sts.STSClient(config({ ...USER, secretAccessKey: 'other' })).send(identity),
  ).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
  await expect(
    new sts.STSClient(config({ ...USER, accessKeyId: 'AKIAX' })).send(identity),
  ).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
  await expect(listVaults('ap-east-1')).rejects.toMatchObject({
    name: 'UnrecognizedClientException',
  })
  const shared = await memberConfig()
  now = new Date('2026-01-01T01:00:00Z')
  const calls = [
    new kms.KMSClient(shared).send(new kms.ListKeysCommand()),
    new rds.RDSClient(shared).send(new rds.DescribeDBInstancesCommand()),
    new ec2.EC2Client(shared).send(new ec2.DescribeVolumesCommand()),
  ]
  const names = (await Promise.allSettled(calls)).map((one) =>
    one.status === 'rejected' ? one.reason.name : 'answered',
  )
  expect(names).toEqual(['ExpiredTokenException', 'ExpiredToken', 'RequestExpired'])
})

test('quotas throttle with the code of the service, until tokens drip in', async () => {
  let milliseconds = 0
  await start({ quotaClock: () => milliseconds })
  const shared = await memberConfig()
  const client = new backup.BackupClient(shared)
  const list = () => client.send(new backup.ListBackupVaultsCommand())
  for (let call = 0; call < 20; call++) await list()
  await expect(list()).rejects.toMatchObject({ name: 'ThrottlingException' })
  milliseconds = 50
  await list()
  const organization = new organizations.OrganizationsClient(config(USER))
  const describe = () => organization.send(new organizations.ListAccountsCommand())
  for (let call = 0; call < 12; call++) await describe()
  await expect(describe()).rejects.toMatchObject({ name: 'TooManyRequestsException' })
  const database = new rds.RDSClient(shared)
  const instances = () => database.send(new rds.DescribeDBInstancesCommand({ MaxRecords: 20 }))
  for (let call = 0; call < 50; call++) await instances()
  await expect(instances()).rejects.toMatchObject({ name: 'Throttling' })
})

test('faults strike the calls that their rules name', async () => {
  const operation = 'backup:List*'
  await start({
    faults: [
      { operation, nth: 2, kind: 'internal_error' },
      { operation, nth: 3, kind: 'reset' },
      { operation, nth: 4, kind: 'truncated_body' },
      { operation: 'sts:AssumeRole', account: MEMBER, nth: [9], kind: 'denied' },
    ],
  })
  await listVaults()
  await expect(listVaults()).rejects.toMatchObject({ name: 'InternalFailure' })
  await expect(listVaults()).rejects.toMatchObject({ code: 'ECONNRESET' })
  await expect(listVaults()).rejects.toThrow()
  await listVaults()
  expect(simulator.refused.map((one) => one.code)).toEqual(['InternalFailure'])
})

test('a bucket answers only in its own Region, and what is not simulated is refused by name', async () => {
  const { member } = await start()
  const cell = member?.cells.get('us-east-1')
  if (!cell) throw new Error('the member holds nothing in us-east-1')
  const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }]
  for (const Name of ['b', 'a', 'c']) {
    s3Of(cell).buckets.push({ Name, CreationDate: new Date(0), encryption: { Rules } })
  }
  const clientIn = async (region: string) =>
    new s3.S3Client({ ...(await memberConfig(region)), forcePathStyle: true })
  const home = await clientIn('us-east-1')
  const names = []
  for await (const page of s3.paginateListBuckets({ client: home }, { MaxBuckets: 2 })) {
    names.push(page.Buckets?.map(({ Name, BucketRegion }) => `${Name} ${BucketRegion}`))
  }
  expect(names).toEqual([['a us-east-1', 'b us-east-1'], ['c us-east-1']])
  const unasked = await home.send(new s3.ListBucketsCommand({}))
  expect(unasked.Buckets?.map(({ BucketRegion }) => BucketRegion)).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  const Bucket = 'a'
  const encryption = await home.send(new s3.GetBucketEncryptionCommand({ Bucket }))
  expect(encryption.ServerSideEncryptionConfiguration).toEqual({ Rules })
  const far = await clientIn('eu-west-1')
  const versioning = (input: s3.GetBucketVersioningCommandInput) =>
    new s3.GetBucketVersioningCommand(input)
  await expect(far.send(versioning({ Bucket }))).rejects.toMatchObject({
    name: 'PermanentRedirect',
    $metadata: { httpStatusCode: 301 },
  })
  await expect(home.send(versioning({ Bucket: 'none' }))).rejects.toThrow('does not exist')
  await expect(home.send(new s3.GetBucketTaggingCommand({ Bucket }))).rejects.toMatchObject({
    name: 'NotImplemented',
  })
  const owned = versioning({ Bucket, ExpectedBucketOwner: MEMBER })
  await expect(home.send(owned)).rejects.toThrow('does not implement ExpectedBucketOwner')
})

test('a bucket tells its own account in any Region where it is', async () => {
  const { state, member } = await start()
  if (!member) throw new Error('there is no member account')
  const [another] = [...state.accounts].flatMap(([id, one]) => (id === MEMBER ? [] : [one]))
  for (const [account, region, Name] of [
    [member, 'us-east-1', 'classic'],
    [member, 'eu-west-1', 'irish'],
    [another, 'us-east-1', 'of-another'],
  ] as const) {
    const cell = emptyCell()
    s3Of(cell).buckets.push({ Name, CreationDate: new Date(0), encryption: { Rules: [] } })
    account?.cells.set(region, cell)
  }
  const client = new s3.S3Client({ ...(await memberConfig('eu-west-1')), forcePathStyle: true })
  const bodies = recordBodies(client)
  const locate = async (Bucket: string) =>
    (await client.send(new s3.GetBucketLocationCommand({ Bucket }))).LocationConstraint
  expect(await locate('irish')).toBe('eu-west-1')
  expect(await locate('classic')).toBeUndefined()
  // One element and none in it: there are clients that read no other.
  const element = (content: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</LocationConstraint>`
  expect(bodies).toEqual([element('eu-west-1'), element('')])
  await expect(locate('none')).rejects.toMatchObject({ name: 'NoSuchBucket' })
  await expect(locate('of-another')).rejects.toMatchObject({ name: 'AccessDenied' })
  member.roles[0]?.deny.push({ actions: ['s3:GetBucketLocation'] })
  await expect(locate('irish')).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('s3:GetBucketLocation'),
  })
})

/** The bodies of what a client is answered, as they come. */
function recordBodies({ middlewareStack }: s3.S3Client): string[] {
  const bodies: string[] = []
  middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const { response } = result as { response: { body: Readable } }
      const body = Buffer.concat(await response.body.toArray())
      bodies.push(body.toString())
      response.body = Readable.from([body])
      return result
    },
    { step: 'deserialize', priority: 'low' },
  )
  return bodies
}
