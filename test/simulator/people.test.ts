import { describe, expect, test } from 'vitest'
import { parsePolicy } from '../../lib/policy/parse.ts'
import { powers as table } from '../../lib/policy/powers.ts'
import { powersOf } from '../../lib/policy/principal-powers.ts'
import type { Document, PolicyKind, Principal } from '../../lib/policy/types.ts'
import { generateOrganization } from '../../simulator/organization/index.ts'
import { hasPower, type PlantedPrincipal } from '../../simulator/organization/principals.ts'
import type { AccountState, IamState } from '../../simulator/state.ts'

// What is planted is told by construction; what the documents say is told by the policy engine. Both must say the same.

const { state, principals } = generateOrganization({
  seed: 3,
  auditorActions: ['backup:List*'],
  now: new Date('2026-03-01T12:00:00Z'),
})

const accounts = [...state.accounts.values()].map((account) => ({
  name: account.account.Name ?? '',
  account,
  planted: principals.get(account.account.Name ?? '') ?? [],
}))
const named = (name: string) => accounts.find((one) => one.name === name)

function documentOf(id: string, text: string | undefined, kind: PolicyKind): Document {
  const parsed = parsePolicy(text, kind)
  if ('problems' in parsed) throw new Error(`${id}: ${JSON.stringify(parsed.problems)}`)
  return { id, policy: parsed.policy }
}

function policyOf(iam: IamState, arn: string): Document {
  const policy = iam.policies.find(({ Arn }) => Arn === arn)
  return documentOf(arn, policy?.PolicyVersionList?.[0]?.Document, 'identity')
}

/** A user or role as the engine wants it. */
function principalOf(account: AccountState, { arn, kind, part }: PlantedPrincipal): Principal {
  const iam = account.iam
  const user = iam?.users.find(({ Arn }) => Arn === arn)
  const role = iam?.roles.find(({ Arn }) => Arn === arn)
  if (!iam || !(user ?? role)) throw new Error(`IAM has no ${arn}`)
  const groups = iam.groups.filter(({ GroupName = '' }) => user?.GroupList?.includes(GroupName))
  const inline = [
    ...(role?.RolePolicyList ?? []),
    ...groups.flatMap(({ GroupPolicyList }) => GroupPolicyList ?? []),
  ]
  const attached = [role, ...groups].flatMap((owner) => owner?.AttachedManagedPolicies ?? [])
  const boundary = (user ?? role)?.PermissionsBoundary?.PermissionsBoundaryArn
  return {
    arn,
    account: account.account.Id,
    kind: part === 'service_linked' ? 'service_linked_role' : kind,
    identity: [
      ...inline.map((policy) =>
        documentOf(policy.PolicyName ?? '', policy.PolicyDocument, 'identity'),
      ),
      ...attached.map(({ PolicyArn = '' }) => policyOf(iam, PolicyArn)),
    ],
    boundary: boundary ? policyOf(iam, boundary) : undefined,
  }
}

/** The documents at each level from the root to the account. */
function scpsOf({ account }: AccountState): Document[][] {
  const levels = (account.Paths?.[0] ?? '')
    .split('/')
    .filter((part) => part && !part.startsWith('o-'))
  return levels.map((level) =>
    (state.policies?.policies ?? [])
      .filter(({ summary }) => summary.Type === 'SERVICE_CONTROL_POLICY')
      .filter(({ targets }) => targets.includes(level))
      .map(({ summary, content }) => documentOf(summary.Id ?? '', content, 'scp')),
  )
}

function decided(account: AccountState, planted: readonly PlantedPrincipal[]): Set<string> {
  const found = powersOf(
    planted.map((one) => principalOf(account, one)),
    {
      account: account.account.Id ?? '',
      regions: [...account.enabledRegions],
      scps: scpsOf(account),
      organization: {
        id: state.id,
        managementAccount: state.managementAccountId,
        paths: new Map(),
      },
    },
  )
  return new Set(
    found
      .filter(({ decision, extent }) => decision === 'allowed' && extent === 'all')
      .map(({ principal, power, service }) => `${principal} ${power} ${service}`),
  )
}

const judged = [
  'destroy_data',
  'destroy_backups',
  'unlock_vaults',
  'destroy_keys',
  'restore',
  'read_backup_data',
] as const

describe.each(accounts)('in $name', ({ account, planted }) => {
  test('the account’s own can do what was planted, and nothing else', () => {
    const own = planted.filter(({ part }) => part === 'own' || part === 'automation')
    const rows = table.filter(({ power }) => judged.some((name) => name === power))
    const expected = own.flatMap((one) =>
      rows
        .filter(({ power, service }) => hasPower(one, power, service))
        .map(({ power, service }) => `${one.arn} ${power} ${service}`),
    )
    const found = [...decided(account, own)].filter((line) =>
      judged.some((name) => line.includes(` ${name} `)),
    )
    expect(found.sort()).toEqual([...new Set(expected)].sort())
  })

  test('AWS Backup’s role has at least the powers that its policies give', () => {
    const roles = planted.filter(({ part }) => part === 'backup_service')
    const found = decided(account, roles)
    const expected = roles.flatMap(({ arn, powers }) =>
      Object.entries(powers).flatMap(([power, services]) =>
        services.map((service) => `${arn} ${power} ${service}`),
      ),
    )
    expect(expected.filter((line) => !found.has(line))).toEqual([])
    const always = roles.filter(({ arn }) => arn.endsWith('/AWSBackupDefaultServiceRole'))
    expect(always).toHaveLength(planted.length > 0 ? 1 : 0)
  })
})

test('most workload accounts have one who can destroy data and its backups, and one account has none', () => {
  const mighty = accounts.filter(({ planted }) =>
    planted.some(
      (one) =>
        one.part === 'own' &&
        hasPower(one, 'destroy_data', 'ec2') &&
        hasPower(one, 'destroy_backups', 'ec2'),
    ),
  )
  expect(mighty.length).toBeGreaterThanOrEqual(8)
  const separated = named('payments-prod')?.planted ?? []
  const own = separated.filter(({ part }) => part === 'own' || part === 'automation')
  expect(own.some((one) => hasPower(one, 'destroy_data', 'ec2'))).toBe(true)
  expect(own.some((one) => hasPower(one, 'destroy_backups', 'backup'))).toBe(true)
  for (const one of own) {
    const data = ['ec2', 'dynamodb', 'efs', 'rds'].some((name) =>
      hasPower(one, 'destroy_data', name),
    )
    const backups = ['backup', 'dynamodb', 'ec2', 'rds'].some((name) =>
      hasPower(one, 'destroy_backups', name),
    )
    expect(data && backups, one.arn).toBe(false)
    expect(data && hasPower(one, 'restore', 'backup'), one.arn).toBe(false)
  }
})

test('whatever an organization policy denies is denied by the simulator too', () => {
  const fenced = named('analytics-test')
  const id = fenced?.account.account.Id ?? ''
  const policy = state.policies?.policies.find(
    ({ targets }) => targets.length === 1 && targets[0] === id,
  )
  expect(JSON.parse(policy?.content ?? '{}').Statement).toEqual(
    fenced?.account.serviceControlDenials.map(({ actions, regions }) => ({
      Effect: 'Deny',
      Action: actions,
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': regions } },
    })),
  )
})
