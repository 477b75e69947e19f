import * as sdk from '@aws-sdk/client-securityhub'
import * as sts from '@aws-sdk/client-sts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { problemsOf } from '../../simulator/asff-rules.ts'
import { hubOf, switchOn } from '../../simulator/hub.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { AUDIT, MEMBER, smallState } from './state.ts'

const HERE = 'us-east-1'
const PRODUCT = `arn:aws:securityhub:${HERE}:${MEMBER}:product/${MEMBER}/default`
const DAY_MS = 86_400_000
const START = Date.parse('2026-11-23T08:00:00Z')

let simulator: Simulator
let client: sdk.SecurityHubClient
let now: number

beforeEach(async () => {
  now = START
  const state = smallState()
  const member = state.accounts.get(MEMBER)
  member?.roles[0]?.allow.push('securityhub:*')
  const cell = member?.cells.get(HERE)
  if (cell) switchOn(hubOf(cell), new Date(START))
  simulator = await startSimulator({ state, quotas: false, clock: () => new Date(now) })
  client = await memberClient(HERE)
})
afterEach(() => simulator.close())

async function memberClient(region: string): Promise<sdk.SecurityHubClient> {
  const config = { endpoint: simulator.url, maxAttempts: 1, region }
  const credentials = { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'secret' }
  const { Credentials: issued } = await new sts.STSClient({ ...config, credentials }).send(
    new sts.AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${MEMBER}:role/audit`,
      RoleSessionName: 'test',
      ExternalId: 'secret-id',
    }),
  )
  return new sdk.SecurityHubClient({
    ...config,
    credentials: {
      accessKeyId: issued?.AccessKeyId ?? '',
      secretAccessKey: issued?.SecretAccessKey ?? '',
      sessionToken: issued?.SessionToken ?? '',
    },
  })
}

function finding(id: string, more: Partial<sdk.AwsSecurityFinding> = {}): sdk.AwsSecurityFinding {
  return {
    SchemaVersion: '2018-10-08',
    Id: id,
    ProductArn: PRODUCT,
    GeneratorId: 'test',
    AwsAccountId: MEMBER,
    CreatedAt: '2026-11-23T08:00:00Z',
    UpdatedAt: new Date(now).toISOString(),
    Title: 'title',
    Description: 'description',
    Resources: [{ Type: 'Other', Id: 'arn:one' }],
    Compliance: { Status: 'FAILED' },
    FindingProviderFields: {
      Severity: { Label: 'HIGH' },
      Types: ['Software and Configuration Checks/AWS Security Best Practices'],
    },
    ...more,
  }
}

const load = (...Findings: sdk.AwsSecurityFinding[]) =>
  client.send(new sdk.BatchImportFindingsCommand({ Findings }))
const held = async (Filters: sdk.AwsSecurityFindingFilters = {}) =>
  (await client.send(new sdk.GetFindingsCommand({ Filters }))).Findings ?? []

test('imports what is in order, and answers the rest as failed', async () => {
  const answer = await load(
    finding('good'),
    finding('empty', { Description: ' ' }),
    finding('long', { Title: 'x'.repeat(257) }),
    finding('large', { ProductFields: { a: 'x'.repeat(2049) } }),
    finding('none', { Resources: [] }),
  )
  expect(answer.SuccessCount).toBe(1)
  expect(answer.FailedFindings?.map(({ Id, ErrorCode }) => `${Id} ${ErrorCode}`)).toEqual([
    'empty InvalidInput',
    'long InvalidInput',
    'large InvalidInput',
    'none InvalidInput',
  ])
  expect((await held()).map(({ Id }) => Id)).toEqual(['good'])
})

test('takes no more than 100 findings, 6 MB and 240 KB', async () => {
  const many = Array.from({ length: 101 }, (_, index) => finding(`${index}`))
  await expect(load(...many)).rejects.toThrow('between 1 and 100')
  const resources = Array.from({ length: 32 }, (_, index) => ({
    Type: 'Other',
    Id: `arn:${index}`,
    Details: { Other: { text: 'x'.repeat(10_000) } },
  }))
  const answer = await load(finding('large', { Resources: resources }))
  expect(answer.FailedFindings?.[0]?.ErrorMessage).toContain('240 KB')
  const heavy = Array.from({ length: 30 }, (_, index) =>
    finding(`${index}`, { Resources: resources }),
  )
  await expect(load(...heavy)).rejects.toThrow('6 MB')
})

test('lets nobody import for another account, or into another Region', async () => {
  const product = `arn:aws:securityhub:${HERE}:${AUDIT}:product/${AUDIT}/default`
  await expect(load(finding('a', { AwsAccountId: AUDIT }))).rejects.toThrow('not authorized')
  await expect(load(finding('b', { ProductArn: product }))).rejects.toThrow('not authorized')
  const elsewhere = PRODUCT.replace(HERE, 'eu-west-1')
  await expect(load(finding('c', { ProductArn: elsewhere }))).rejects.toThrow('not authorized')
})

test('is off where it was not switched on', async () => {
  client = await memberClient('eu-west-1')
  await expect(client.send(new sdk.DescribeHubCommand({}))).rejects.toThrow('not subscribed')
  const product = PRODUCT.replace(HERE, 'eu-west-1')
  const answer = await load(finding('a', { ProductArn: product }))
  expect(answer.FailedFindings?.[0]?.ErrorCode).toBe('InvalidAccess')
  await client.send(new sdk.EnableSecurityHubCommand({}))
  const hub = await client.send(new sdk.DescribeHubCommand({}))
  expect(hub.SubscribedAt).toBe(new Date(START).toISOString())
  expect((await load(finding('a', { ProductArn: product }))).SuccessCount).toBe(1)
  await client.send(new sdk.DisableSecurityHubCommand({}))
  await client.send(new sdk.EnableSecurityHubCommand({}))
  expect(await held()).toEqual([])
})

test('passes over an update that is not later, and of two with one id takes the first', async () => {
  await load(finding('a', { Title: 'first' }), finding('a', { Title: 'second' }))
  expect((await load(finding('a', { Title: 'third' }))).SuccessCount).toBe(1)
  expect((await held())[0]?.Title).toBe('first')
  now += 1000
  await load(finding('a', { Title: 'fourth', CreatedAt: '2026-12-01T00:00:00Z' }))
  expect((await held())[0]).toMatchObject({ Title: 'fourth', CreatedAt: '2026-11-23T08:00:00Z' })
})

test('keeps what the customer wrote, and opens anew what was settled and is back', async () => {
  await load(finding('a'), finding('b'))
  const [one, two] = ['a', 'b'].map((Id) => ({ Id, ProductArn: PRODUCT }))
  const change = (more: Partial<sdk.BatchUpdateFindingsCommandInput>, ...ids: unknown[]) =>
    client.send(
      new sdk.BatchUpdateFindingsCommand({
        FindingIdentifiers: ids as sdk.AwsSecurityFindingIdentifier[],
        ...more,
      }),
    )
  await change({ Note: { Text: 'mine', UpdatedBy: 'me' }, Workflow: { Status: 'RESOLVED' } }, one)
  await change({ Severity: { Label: 'LOW' }, Workflow: { Status: 'SUPPRESSED' } }, two)
  const missing = await change({ Workflow: { Status: 'NEW' } }, { Id: 'c', ProductArn: PRODUCT })
  expect(missing.UnprocessedFindings).toHaveLength(1)
  for (const RecordState of ['ARCHIVED', 'ACTIVE'] as const) {
    now += 1000
    const Note = { Text: 'theirs', UpdatedBy: 'us', UpdatedAt: '2026-12-01T00:00:00Z' }
    await load(finding('a', { RecordState, Note }), finding('b', { RecordState }))
  }
  const [a, b] = await held()
  expect(a).toMatchObject({ Note: { Text: 'mine' }, Workflow: { Status: 'NEW' } })
  expect(b).toMatchObject({ Severity: { Label: 'LOW' }, Workflow: { Status: 'SUPPRESSED' } })
})

test('forgets what is archived after 30 days and what is active after 90', async () => {
  await load(finding('active'), finding('archived', { RecordState: 'ARCHIVED' }))
  now += 30 * DAY_MS
  client = await memberClient(HERE)
  expect((await held()).map(({ Id }) => Id)).toEqual(['active'])
  now += 60 * DAY_MS
  client = await memberClient(HERE)
  expect(await held()).toEqual([])
})

test('finds by filters, page by page', async () => {
  const many = Array.from({ length: 60 }, (_, index) =>
    finding(`x/${index}`, { RecordState: index % 2 ? 'ARCHIVED' : 'ACTIVE' }),
  )
  await load(...many)
  await load(finding('y/1'))
  const pages = sdk.paginateGetFindings(
    { client, pageSize: 25 },
    {
      Filters: {
        Id: [{ Comparison: 'PREFIX', Value: 'x/' }],
        RecordState: [{ Comparison: 'EQUALS', Value: 'ACTIVE' }],
      },
    },
  )
  const sizes = []
  for await (const page of pages) sizes.push(page.Findings?.length)
  expect(sizes).toEqual([25, 5])
  await expect(held({ Title: [{ Comparison: 'EQUALS', Value: 'x' }] })).rejects.toThrow('filter by')
})

test('holds calls to its quotas', async () => {
  await simulator.close()
  const state = smallState()
  state.accounts.get(MEMBER)?.roles[0]?.allow.push('securityhub:*')
  simulator = await startSimulator({ state, quotaClock: () => 0 })
  client = await memberClient(HERE)
  for (let calls = 0; calls < 30; calls++) await load(finding('a'))
  await expect(load(finding('a'))).rejects.toThrow('Rate exceeded')
})

test('the rules name what is wrong', () => {
  expect(problemsOf(finding('a'))).toEqual([])
  expect(problemsOf({ ...finding('a'), Nonsense: 1 })).toEqual(['Nonsense is unknown'])
  expect(problemsOf({ ...finding('a'), Types: 7, FindingProviderFields: undefined })).toContain(
    'Severity is required',
  )
  expect(problemsOf({ ...finding('a'), UpdatedAt: 'yesterday' })).toEqual([
    'UpdatedAt is no timestamp',
  ])
})
