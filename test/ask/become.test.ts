import { describe, expect, it } from 'vitest'
import { becomes } from '../../lib/ask/become.ts'
import type { People } from '../../lib/ask/people.ts'
import { selfOf } from '../../lib/ask/selves.ts'
import { waysInto } from '../../lib/ask/ways-in.ts'
import { openDocuments } from '../../lib/policy/documents.ts'
import type { Document, Principal } from '../../lib/policy/types.ts'

const A = '111111111111'
const B = '222222222222'
const documents = openDocuments()

interface Someone {
  /** `111111111111:role/x` */
  name: string
  allow?: object[]
  /** Policies by ARN that others may have, too. */
  attached?: string[]
  boundary?: object
  /** Of a role: the Principal that it trusts. */
  trust?: object
  groups?: string[]
}

const arnOf = (name: string) => `arn:aws:iam::${name}`
const allow = (
  Action: string | string[],
  Resource: string | string[] = '*',
  Condition?: object,
) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition ? { Condition } : {}),
})

function document(
  id: string,
  kind: 'identity' | 'trust' | 'scp',
  ...Statement: object[]
): Document {
  return documents.read(id, JSON.stringify({ Version: '2012-10-17', Statement }), kind)
}

function peopleOf(
  someones: Someone[],
  options: { scp?: object; groups?: Record<string, object[]> } = {},
): People {
  const everyone = someones.map(
    ({ name, allow: own = [], attached = [], boundary }): Principal => ({
      arn: arnOf(name),
      account: name.slice(0, 12),
      kind: name.includes(':user/') ? 'user' : 'role',
      identity: [
        ...(own.length > 0 ? [document(`${arnOf(name)} p`, 'identity', ...own)] : []),
        ...attached.map((arn) => document(arn, 'identity', allow('s3:ListAllMyBuckets'))),
      ],
      boundary: boundary ? document(`${arnOf(name)} boundary`, 'identity', boundary) : undefined,
    }),
  )
  const full = document('FullAWSAccess', 'scp', allow('*'))
  const organization = {
    id: 'o-1',
    managementAccount: '999999999999',
    paths: new Map([
      [A, 'o-1/r-1/'],
      [B, 'o-1/r-1/'],
    ]),
  }
  return {
    documents,
    byArn: new Map(everyone.map((one) => [one.arn, one])),
    accounts: new Set([A, B]),
    roles: new Map(
      someones
        .filter(({ name }) => name.includes(':role/'))
        .map(({ name, trust = { Service: 'ec2.amazonaws.com' } }) => [
          arnOf(name),
          {
            arn: arnOf(name),
            account: name.slice(0, 12),
            trust: document(`trust of ${name}`, 'trust', {
              Effect: 'Allow',
              Principal: trust,
              Action: 'sts:AssumeRole',
            }),
          },
        ]),
    ),
    groups: new Map(
      someones.flatMap(({ name, groups }) =>
        groups ? [[arnOf(name), groups.map(arnOf)] as const] : [],
      ),
    ),
    ofGroup: new Map(
      Object.entries(options.groups ?? {}).map(([name, own]) => [
        arnOf(name),
        [document(`${name} p`, 'identity', ...own)],
      ]),
    ),
    anyPolicy: document('any policy', 'identity', allow('*')),
    guardrails: () => ({
      organization,
      scps: [[full], ...(options.scp ? [[full, document('scp', 'scp', options.scp)]] : [])],
    }),
  }
}

/** Whom somebody becomes: `decision who: how, how`. */
function chains(name: string, people: People): string[] {
  const start = people.byArn.get(arnOf(name))
  if (!start) throw new Error(`there is no ${name}`)
  return becomes(selfOf(start, [], people), people, { partition: 'aws', regions: ['eu-west-1'] })
    .slice(1)
    .map(({ self, decision, steps }) => {
      const who = self.id.replaceAll('arn:aws:iam::', '')
      return `${decision} ${who}: ${steps.map(({ how }) => how).join(', ')}`
    })
    .sort()
}

describe('a principal becomes others', () => {
  const admin = { name: `${A}:role/admin`, allow: [allow('*')] }
  const ann = `${A}:user/ann`

  it('by roles that trust it, across accounts and in cycles', () => {
    const people = peopleOf([
      { name: ann, allow: [allow('sts:AssumeRole')] },
      { name: `${A}:role/one`, allow: [allow('sts:AssumeRole')], trust: { AWS: arnOf(ann) } },
      { name: `${B}:role/two`, allow: [allow('sts:AssumeRole')], trust: { AWS: A } },
      {
        name: `${B}:role/three`,
        allow: [allow('sts:AssumeRole')],
        trust: { AWS: arnOf(`${B}:role/two`) },
      },
    ])
    expect(chains(ann, people)).toEqual([
      `allowed ${A}:role/one: sts:AssumeRole`,
      `allowed ${B}:role/three: sts:AssumeRole, sts:AssumeRole`,
      `allowed ${B}:role/two: sts:AssumeRole`,
    ])
    const cycle = peopleOf([
      {
        name: `${A}:role/one`,
        allow: [allow('sts:AssumeRole')],
        trust: { AWS: arnOf(`${B}:role/two`) },
      },
      {
        name: `${B}:role/two`,
        allow: [allow('sts:AssumeRole')],
        trust: { AWS: arnOf(`${A}:role/one`) },
      },
    ])
    expect(chains(`${A}:role/one`, cycle)).toEqual([`allowed ${B}:role/two: sts:AssumeRole`])
  })

  it('by writing a trust policy, but of no role that AWS alone may change', () => {
    const sso = `${A}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef`
    const people = peopleOf([
      { name: ann, allow: [allow('iam:UpdateAssumeRolePolicy')] },
      admin,
      {
        name: sso,
        allow: [allow('*')],
        trust: { Federated: 'arn:aws:iam::111111111111:saml-provider/x' },
      },
    ])
    expect(chains(ann, people).filter((line) => !line.includes('with'))).toEqual([
      `allowed ${A}:role/admin: iam:UpdateAssumeRolePolicy`,
    ])
  })

  it('by giving itself a policy, and from there anyone in the account, but within its boundary', () => {
    const self = allow('iam:PutUserPolicy', arnOf(ann))
    const open = peopleOf([{ name: ann, allow: [self] }, admin])
    expect(chains(ann, open)).toContain(
      `allowed ${A}:role/admin: iam:PutUserPolicy, iam:UpdateAssumeRolePolicy`,
    )
    const bound = peopleOf([
      { name: ann, allow: [self], boundary: allow(['iam:PutUserPolicy', 's3:*']) },
      admin,
    ])
    expect(chains(ann, bound)).toEqual([`allowed ${ann} with any policy: iam:PutUserPolicy`])
    const unbinding = peopleOf([
      {
        name: ann,
        allow: [self],
        boundary: allow(['iam:PutUserPolicy', 'iam:DeleteUserPermissionsBoundary']),
      },
      admin,
    ])
    expect(chains(ann, unbinding)).toContain(
      `allowed ${A}:role/admin: iam:PutUserPolicy, iam:DeleteUserPermissionsBoundary, iam:UpdateAssumeRolePolicy`,
    )
  })

  it('by credentials of other users, by groups and by policies that they have', () => {
    const bob = `${A}:user/bob`
    const policy = arnOf(`${A}:policy/shared`)
    const key = peopleOf([
      { name: ann, allow: [allow('iam:CreateAccessKey', arnOf(bob))] },
      { name: bob },
    ])
    expect(chains(ann, key)).toEqual([`allowed ${bob}: iam:CreateAccessKey`])
    const version = peopleOf([
      { name: ann, allow: [allow('iam:CreatePolicyVersion')], attached: [policy] },
    ])
    expect(chains(ann, version)).toEqual([
      `allowed ${ann} with any policy: iam:CreatePolicyVersion`,
    ])
    const group = peopleOf([
      { name: ann, allow: [allow('iam:PutGroupPolicy')], groups: [`${A}:group/g`] },
    ])
    expect(chains(ann, group)).toEqual([`allowed ${ann} with any policy: iam:PutGroupPolicy`])
    const joining = peopleOf(
      [{ name: ann, allow: [allow('iam:AddUserToGroup')] }, { name: `${A}:role/x` }],
      {
        groups: { [`${A}:group/trusters`]: [allow('iam:UpdateAssumeRolePolicy')] },
      },
    )
    expect(chains(ann, joining)).toContain(
      `allowed ${A}:role/x: iam:AddUserToGroup, iam:UpdateAssumeRolePolicy`,
    )
  })

  it('by passing a role to a service that runs what it is given, where that service is trusted', () => {
    const lambda = { ...admin, trust: { Service: 'lambda.amazonaws.com' } }
    const compute = allow(['lambda:CreateFunction', 'lambda:InvokeFunction'])
    const how = 'iam:PassRole + lambda:CreateFunction + lambda:InvokeFunction'
    const pass = (service: string) =>
      allow('iam:PassRole', '*', { StringEquals: { 'iam:PassedToService': service } })
    const of = (...own: object[]) =>
      chains(ann, peopleOf([{ name: ann, allow: own }, lambda])).find(
        (line) => !line.includes(' with '),
      )
    expect(of(compute, pass('lambda.amazonaws.com'))).toBe(`allowed ${A}:role/admin: ${how}`)
    expect(of(compute, pass('ec2.amazonaws.com'))).toBeUndefined()
    expect(of(allow('lambda:CreateFunction'), pass('lambda.amazonaws.com'))).toBeUndefined()
    expect(
      chains(ann, peopleOf([{ name: ann, allow: [compute, allow('iam:PassRole')] }, admin])),
    ).toEqual([])
  })

  it('only where SCPs leave it, and by a condition where that is one', () => {
    const own = [allow('iam:UpdateAssumeRolePolicy')]
    const scp = { Effect: 'Deny', Action: 'iam:*', Resource: '*' }
    expect(chains(ann, peopleOf([{ name: ann, allow: own }, admin], { scp }))).toEqual([])
    const mfa = allow('iam:UpdateAssumeRolePolicy', '*', {
      Bool: { 'aws:MultiFactorAuthPresent': 'true' },
    })
    expect(chains(ann, peopleOf([{ name: ann, allow: [mfa] }, { name: `${A}:role/x` }]))).toEqual([
      `conditional ${A}:role/x: iam:UpdateAssumeRolePolicy`,
    ])
  })
})

describe('ways into a role', () => {
  const row = (role: string, principal: string, principal_kind: string, more: object = {}) => ({
    role_arn: arnOf(role),
    effect: 'Allow',
    statement: '0',
    principal,
    principal_kind,
    condition_keys: '[]',
    confined: 'yes',
    ...more,
  })
  const ways = (target: string, people: People, rows: ReturnType<typeof row>[]) =>
    (
      waysInto(
        [arnOf(target)],
        people,
        Map.groupBy(rows, ({ role_arn }) => role_arn),
      ).get(arnOf(target)) ?? []
    ).map(
      ({ origin, kind, decision, steps }) =>
        `${decision} ${kind} ${origin.replace('arn:aws:iam::', '')} (${steps.length})`,
    )

  it('begin at users, services, providers and accounts that were not read', () => {
    const hub = `${A}:role/hub`
    const people = peopleOf([
      { name: `${A}:user/ann`, allow: [allow('sts:AssumeRole')] },
      { name: hub, allow: [allow('sts:AssumeRole')], trust: { AWS: arnOf(`${A}:user/ann`) } },
      { name: `${B}:role/target`, trust: { AWS: arnOf(hub) } },
    ])
    const saml = `arn:aws:iam::${A}:saml-provider/x`
    const far = 'arn:aws:iam::333333333333:root'
    expect(
      ways(`${B}:role/target`, people, [
        row(hub, saml, 'federated', { condition_keys: '["SAML:aud"]' }),
        row(hub, 'token.example', 'federated', { condition_keys: '["token.example:sub"]' }),
        row(hub, far, 'account', {
          principal_account_id: '333333333333',
          relation: 'organization',
        }),
        row(`${B}:role/target`, arnOf(hub), 'role', { principal_account_id: A }),
      ]),
    ).toEqual([
      `allowed federated ${A}:saml-provider/x (2)`,
      `allowed user ${A}:user/ann (2)`,
      'allowed account 333333333333:root (2)',
      'conditional federated token.example (2)',
    ])
  })

  it('end in cycles, each of them told', () => {
    const one = `${A}:role/one`
    const two = `${A}:role/two`
    const people = peopleOf([
      { name: one, allow: [allow('sts:AssumeRole')], trust: { AWS: arnOf(two) } },
      { name: two, allow: [allow('sts:AssumeRole')], trust: { AWS: arnOf(one) } },
      { name: `${A}:role/target`, trust: { AWS: arnOf(one) } },
    ])
    expect(ways(`${A}:role/target`, people, [])).toEqual([
      `allowed role ${one} (1)`,
      `allowed role ${two} (2)`,
    ])
  })
})
