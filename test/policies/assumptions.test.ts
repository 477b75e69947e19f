import { describe, expect, it } from 'vitest'
import { assumptionsOf, chainsFrom } from '../../lib/policy/assumptions.ts'
import { openDocuments } from '../../lib/policy/documents.ts'
import { examplesOf } from '../../lib/policy/examples.ts'
import { roleKind } from '../../lib/policy/role-kinds.ts'
import { mayBecome } from '../../lib/policy/trust.ts'
import type { Principal } from '../../lib/policy/types.ts'

const documents = openDocuments()
const assume = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }

describe('chains of roles', () => {
  const ann = principal('111111111111:user/ann', assume)
  const reader = principal('111111111111:role/reader')
  const deployer = principal('111111111111:role/deployer', assume)
  const backup = principal('222222222222:role/backup')
  const principals = [ann, reader, deployer, backup]
  const roles = [
    role(reader, { AWS: '111111111111' }),
    role(deployer, { AWS: [ann.arn] }),
    role(backup, { AWS: deployer.arn }),
  ]
  const assumptions = assumptionsOf(principals, roles)

  it('are made of who may become whom', () => {
    expect(assumptions.map((found) => `${name(found.principal)} ${name(found.role)}`)).toEqual([
      'ann reader',
      'deployer reader',
      'ann deployer',
      'deployer backup',
    ])
  })

  it('lead across accounts, by the shortest way', () => {
    expect(chainsFrom(ann.arn, assumptions).map(({ chain }) => chain.map(name))).toEqual([
      ['ann', 'reader'],
      ['ann', 'deployer'],
      ['ann', 'deployer', 'backup'],
    ])
    expect(chainsFrom(reader.arn, assumptions)).toEqual([])
  })

  it('leave out nobody whom a trust policy could join', () => {
    const kinds = [
      { AWS: '*' },
      { AWS: 'AROAEXAMPLE' },
      { Service: 'ec2.amazonaws.com' },
      undefined,
    ]
    const more = [
      ...roles,
      ...kinds.map((trust, n) => role(principal(`111111111111:role/${n}`), trust)),
    ]
    const all = more.flatMap((trusted) =>
      principals
        .filter((one) => one.arn !== trusted.arn && mayBecome(one, trusted).decision !== 'denied')
        .map((one) => `${one.arn} ${trusted.arn}`),
    )
    const found = assumptionsOf(principals, more).map((one) => `${one.principal} ${one.role}`)
    expect(found.sort()).toEqual(all.sort())
  })

  it('are conditional only where no certain way leads', () => {
    const edge = (from: string, to: string, decision: 'allowed' | 'conditional') => ({
      principal: from,
      role: to,
      decision,
      by: [],
    })
    const edges = [
      edge('a', 'd', 'conditional'),
      edge('a', 'b', 'allowed'),
      edge('b', 'd', 'allowed'),
      edge('d', 'e', 'conditional'),
      edge('e', 'a', 'allowed'),
    ]
    expect(chainsFrom('a', edges)).toEqual([
      { role: 'b', chain: ['a', 'b'], decision: 'allowed' },
      { role: 'd', chain: ['a', 'b', 'd'], decision: 'allowed' },
      { role: 'e', chain: ['a', 'b', 'd', 'e'], decision: 'conditional' },
    ])
  })
})

describe('documents', () => {
  it('of one text share one policy', () => {
    const text = JSON.stringify({ Statement: assume })
    const [one, two] = ['one', 'two'].map((id) => documents.read(id, text, 'identity'))
    expect(one?.policy).toBe(two?.policy)
    expect([one?.id, two?.id]).toEqual(['one', 'two'])
  })

  it('that are malformed or were not read keep their place', () => {
    expect(documents.read('torn', '{', 'identity')).toEqual({ id: 'torn', policy: undefined })
    expect(documents.read('unread', undefined, 'identity')).toEqual({
      id: 'unread',
      policy: undefined,
    })
    expect([...documents.problems.keys()]).toEqual(['torn'])
  })
})

it.each([
  ['service_linked', 'role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup'],
  [
    'identity_center',
    'role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef',
  ],
  ['identity_center', 'role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef'],
  ['plain', 'role/AWSReservedSSO_Admin_0123456789abcdef'],
  ['organization_access', 'role/OrganizationAccountAccessRole'],
  ['control_tower', 'role/AWSControlTowerExecution'],
  ['stack_set', 'role/AWSCloudFormationStackSetExecutionRole'],
  ['stack_set', 'role/stacksets-exec-0123456789abcdef'],
  ['cdk', 'role/cdk-hnb659fds-cfn-exec-role-111111111111-eu-west-1'],
  ['plain', 'role/app'],
])('%s: %s', (kind, resource) => {
  expect(roleKind(`arn:aws:iam::111111111111:${resource}`)).toBe(kind)
})

it('has examples of what an action is done to', () => {
  const place = { account: '111111111111', region: 'eu-west-1' }
  expect(examplesOf('kms:ScheduleKeyDeletion', place)).toEqual([
    expect.stringMatching(/^arn:aws:kms:eu-west-1:111111111111:key\/\w+$/),
  ])
  expect(examplesOf('backup:DeleteRecoveryPoint', place).length).toBeGreaterThan(5)
  expect(examplesOf('ec2:DisableEbsEncryptionByDefault', place)).toEqual(['*'])
})

function principal(path: string, ...statements: object[]): Principal {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  return {
    arn: `arn:aws:iam::${path}`,
    account: path.split(':')[0],
    kind: path.includes(':user/') ? 'user' : 'role',
    identity: [documents.read(path, text, 'identity')],
  }
}

function role({ arn, account = '' }: Principal, trusted: object | undefined) {
  const statement = { Effect: 'Allow', Principal: trusted, Action: 'sts:AssumeRole' }
  const text = trusted && JSON.stringify({ Version: '2012-10-17', Statement: statement })
  return { arn, account, trust: documents.read(arn, text, 'trust') }
}

function name(arn: string): string {
  return arn.split('/').at(-1) ?? ''
}
