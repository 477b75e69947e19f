import { describe, expect, it } from 'vitest'
import auditorRoles from '../../lib/derive/auditor-roles.derived.ts'
import backupReaders from '../../lib/derive/backup-readers.derived.ts'
import serviceRoles from '../../lib/derive/backup-service-roles.derived.ts'
import principals from '../../lib/derive/principals.derived.ts'
import managed from '../../simulator/organization/managed-policies.json' with { type: 'json' }
import { ACCOUNT, arn, derive, documentOf, type Inputs, role, scp, trust } from './account.ts'

const AUDITOR = arn('StrongroomAuditor')

describe('Strongroom’s own roles', () => {
  const writesOf = (inputs: Inputs) =>
    derive(auditorRoles, {
      iam_principals: [role('StrongroomAuditor')],
      ...inputs,
    }).auditor_roles?.map(({ writes, decision, readable }) => [
      JSON.parse(String(writes)),
      decision,
      readable,
    ])
  const allow = (Action: string | string[], more: object = {}): Inputs => ({
    iam_inline_policies: [
      {
        owner_arn: AUDITOR,
        name: 'p',
        document: documentOf({ Effect: 'Allow', Action, Resource: '*', ...more }),
      },
    ],
  })

  it.each<[string, Inputs, string[], string | null]>([
    ['only read', allow(['backup:List*', 'kms:DescribeKey', 'dynamodb:Query']), [], null],
    ['may import findings', allow('SecurityHub:BatchImportFindings'), [], null],
    ['may write', allow(['backup:ListTags', 's3:PutObject']), ['s3:PutObject'], 'allowed'],
    ['may write by a pattern', allow(['backup:*', 'ec2:Describe*']), ['backup:*'], 'allowed'],
    ['may do everything', allow('*'), ['*'], 'allowed'],
    [
      'may write to one thing',
      allow('s3:PutObject', { Resource: 'arn:aws:s3:::a/*' }),
      ['s3:PutObject'],
      'allowed',
    ],
    [
      'may write on a condition',
      allow('s3:PutObject', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }),
      ['s3:PutObject'],
      'conditional',
    ],
    ['are kept from writing by an SCP', { ...allow('s3:*'), ...scp('s3:*') }, [], null],
    [
      'may do all but something',
      {
        iam_inline_policies: [
          {
            owner_arn: AUDITOR,
            name: 'p',
            document: documentOf({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }),
          },
        ],
      },
      ['all but iam:*'],
      'allowed',
    ],
  ])('%s', (_, inputs, writes, decision) => {
    expect(writesOf(inputs)).toEqual([[writes, decision, true]])
  })

  it('are not known to only read where a policy was not read', () => {
    const iam_attachments = [{ owner_arn: AUDITOR, policy_arn: 'arn:aws:iam::aws:policy/untold' }]
    expect(writesOf({ iam_attachments })).toEqual([[[], null, false]])
  })

  it('are those that the configuration names, whatever their path, and nobody else’s', () => {
    const iam_principals = [role('audit/StrongroomPublisher'), role('Strongroom'), role('other')]
    const found = derive(auditorRoles, { iam_principals })
    expect(found.auditor_roles?.map(({ name }) => name)).toEqual(['StrongroomPublisher'])
    const access = derive(principals, { iam_principals }).principals?.map((row) => row.access)
    expect(access).toEqual(['auditor', 'own', 'own'])
  })
})

describe('the roles of AWS Backup', () => {
  const NAME = 'service-role/Backup'
  const rolesOf = (trust_policy: string, inputs: Inputs = {}) =>
    derive(serviceRoles, {
      iam_principals: [role(NAME, trust_policy), role('unused', trust('backup.amazonaws.com'))],
      backup_selections: [{ iam_role_arn: arn(NAME) }, { iam_role_arn: arn(NAME) }],
      recovery_points: [{ iam_role_arn: arn(NAME) }, { iam_role_arn: arn('gone') }, {}],
      ...inputs,
    }).backup_service_roles?.map((row) => [
      row.other_trust,
      row.wide_grants,
      row.wide_decision,
      row.readable,
    ])
  const own = trust('backup.amazonaws.com')
  const policy = (statement: object): Inputs => ({
    iam_inline_policies: [
      {
        owner_arn: arn(NAME),
        name: 'p',
        document: documentOf({ Effect: 'Allow', Resource: '*', ...statement }),
      },
    ],
  })

  it('are counted by what names them', () => {
    const found = derive(serviceRoles, {
      iam_principals: [role(NAME, own), role('unused', own)],
      backup_selections: [{ iam_role_arn: arn(NAME) }, { iam_role_arn: arn(NAME) }],
      recovery_points: [{ iam_role_arn: arn(NAME) }],
      restore_testing_selections: [{ iam_role_arn: arn('other') }],
    }).backup_service_roles
    expect(found).toMatchObject([
      { role_arn: arn(NAME), selections: 2, recovery_points: 1, restore_tests: 0 },
    ])
  })

  it.each<[string, string, Inputs, [string, string, string | null, boolean]]>([
    ['nothing besides', own, {}, ['[]', '[]', null, true]],
    [
      'another service',
      trust('backup.amazonaws.com', 'lambda.amazonaws.com'),
      {},
      ['["lambda.amazonaws.com"]', '[]', null, true],
    ],
    [
      'an account',
      documentOf({ Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' }),
      {},
      [`["${ACCOUNT}"]`, '[]', null, true],
    ],
    ['no trust that can be understood', 'no JSON', {}, ['[]', '[]', null, false]],
    [
      'a service whole',
      own,
      policy({ Action: ['ec2:*', 'rds:Describe*'] }),
      ['[]', '["ec2:*"]', 'allowed', true],
    ],
    [
      'a service whole on one thing',
      own,
      policy({ Action: 's3:*', Resource: 'arn:aws:s3:::a/*' }),
      ['[]', '["s3:*"]', 'allowed', true],
    ],
    [
      'a service whole by another spelling',
      own,
      policy({ Action: 'EC2:**' }),
      ['[]', '["ec2:*"]', 'allowed', true],
    ],
    [
      'what an SCP leaves',
      own,
      { ...policy({ Action: ['ec2:*', 's3:*'] }), ...scp('ec2:*') },
      ['[]', '["s3:*"]', 'allowed', true],
    ],
    [
      'a service whole on a condition',
      own,
      policy({ Action: 'ec2:*', Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }),
      ['[]', '["ec2:*"]', 'conditional', true],
    ],
    ['everything', own, policy({ Action: '*' }), ['[]', '["*"]', 'allowed', true]],
  ])('have %s', (_, trusting, inputs, expected) => {
    expect(rolesOf(trusting, inputs)).toEqual([expected])
  })

  it('have no service whole by AWS’s own policies', () => {
    const names = [
      'AWSBackupServiceRolePolicyForBackup',
      'AWSBackupServiceRolePolicyForRestores',
    ] as const
    const iam_managed_policies = names.map((name) => ({
      arn: name,
      document: JSON.stringify(managed[name].document),
    }))
    const iam_attachments = names.map((name) => ({ owner_arn: arn(NAME), policy_arn: name }))
    expect(rolesOf(own, { iam_managed_policies, iam_attachments })).toEqual([
      ['[]', '[]', null, true],
    ])
  })

  it('are not the service-linked ones', () => {
    const path = 'aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup'
    const found = derive(serviceRoles, {
      iam_principals: [role(path, own, { service_linked: true })],
      recovery_points: [{ iam_role_arn: arn(path) }],
    })
    expect(found.backup_service_roles).toBeUndefined()
  })
})

describe('who reads what backups hold', () => {
  const key = (id: string) => `arn:aws:kms:eu-west-1:${ACCOUNT}:key/${id}`
  const delegating = {
    Effect: 'Allow',
    Principal: { AWS: ACCOUNT },
    Action: 'kms:*',
    Resource: '*',
  }
  const here = { region: 'eu-west-1' }
  const keys = (...policies: object[]) =>
    policies.map((policy, n) => ({ ...here, key_arn: key(String(n)), policy: documentOf(policy) }))
  const buckets = ['a', 'b'].map((name) => ({ ...here, arn: `arn:aws:s3:::${name}`, name }))
  const readersOf = (inputs: Inputs) =>
    (derive(backupReaders, { iam_principals: [role('a')], ...inputs }).backup_readers ?? []).map(
      (row) => `${row.kind} ${row.thing_arn} ${row.decision}`,
    )
  const may = (action: string, Resource: string) => ({
    iam_inline_policies: [
      {
        owner_arn: arn('a'),
        name: 'p',
        document: documentOf({ Effect: 'Allow', Action: action, Resource }),
      },
    ],
  })

  it.each<[string, Inputs, string[]]>([
    [
      'all keys',
      { ...may('kms:*', '*'), kms_key_policies: keys(delegating, delegating) },
      ['key * allowed'],
    ],
    [
      'the one key that there is',
      { ...may('kms:*', '*'), kms_key_policies: keys(delegating) },
      [`key ${key('0')} allowed`],
    ],
    [
      'one key',
      { ...may('kms:Decrypt', key('1')), kms_key_policies: keys(delegating, delegating) },
      [`key ${key('1')} allowed`],
    ],
    ['no key', { ...may('kms:DescribeKey', '*'), kms_key_policies: keys(delegating) }, []],
    [
      'a key by its policy alone',
      { kms_key_policies: keys({ ...delegating, Principal: '*' }) },
      [`key ${key('0')} allowed`],
    ],
    [
      'no key through AWS Backup alone',
      {
        kms_key_policies: keys({
          ...delegating,
          Principal: '*',
          Condition: { StringEquals: { 'kms:ViaService': 'backup.eu-west-1.amazonaws.com' } },
        }),
      },
      [],
    ],
    [
      'no key that an SCP denies',
      { ...may('kms:*', '*'), ...scp('kms:Decrypt'), kms_key_policies: keys(delegating) },
      [],
    ],
    [
      'perhaps a key whose policy cannot be understood',
      { ...may('kms:*', '*'), kms_key_policies: [{ ...here, key_arn: key('0'), policy: '{}' }] },
      [`key ${key('0')} conditional`],
    ],
    ['all buckets', { ...may('s3:Get*', '*'), s3_buckets: buckets }, ['bucket * allowed']],
    [
      'one bucket, by its versions',
      { ...may('s3:GetObjectVersion', 'arn:aws:s3:::a/*'), s3_buckets: buckets },
      ['bucket arn:aws:s3:::a allowed'],
    ],
    ['no bucket', { ...may('s3:PutObject', '*'), s3_buckets: buckets }, []],
  ])('%s', (_, inputs, expected) => {
    expect(readersOf(inputs)).toEqual(expected)
  })

  it('leaves out the service-linked roles, which are AWS’s', () => {
    const iam_principals = [
      role('aws-service-role/x.amazonaws.com/X', undefined, { service_linked: true }),
    ]
    const kms_key_policies = keys({ ...delegating, Principal: '*' })
    expect(readersOf({ iam_principals, kms_key_policies })).toEqual([])
  })

  it('marks whom the settings name', () => {
    const settings = { backup_data_readers: ['arn:aws:iam::*:role/forensics-*'] }
    const iam_principals = [role('forensics-1'), role('a')]
    const found = derive(principals, { iam_principals }, { settings }).principals
    expect(found?.map((row) => row.backup_data_reader)).toEqual([true, false])
  })
})
