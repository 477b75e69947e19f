import { parsePolicy } from '../lib/policy/parse.ts'
import { powers } from '../lib/policy/powers.ts'
import { powersOf } from '../lib/policy/principal-powers.ts'
import type { Document, PolicyKind, Principal, Resource } from '../lib/policy/types.ts'

const account = '111111111111'

interface Account {
  roles: number
  keys: number
  vaults: number
}

/**
 * The effective powers of accounts' roles under SCPs: a tenth are administrators, the others hold what services need. The accounts
 * are told apart by their roles; twice as many should take twice as long.
 */
export function policyPowers({ roles, ...rest }: Omit<Account, 'roles'> & { roles: number[] }) {
  return {
    powers: powers.length,
    actions: new Set(powers.flatMap(({ actions }) => actions)).size,
    accounts: roles.map((count) => measure({ ...rest, roles: count })),
  }
}

function measure({ roles, keys, vaults }: Account) {
  const begun = process.cpuUsage()
  const principals = Array.from({ length: roles }, (_, n) => role(n))
  const parsed = process.cpuUsage()
  const rows = powersOf(principals, {
    account,
    regions: ['eu-west-1', 'eu-central-1', 'us-east-1'],
    scps: guardrails,
    things: new Map([
      ['key', Array.from({ length: keys }, (_, n) => key(n))],
      ['recovery-point', Array.from({ length: vaults }, (_, n) => recoveryPoint(n))],
    ]),
    organization: {
      id: 'o-aaaaaaaaaa',
      managementAccount: '000000000001',
      paths: new Map([[account, 'o-aaaaaaaaaa/r-aaaa/ou-aaaa-production/']]),
    },
  })
  const decided = process.cpuUsage()
  return {
    roles,
    keys,
    vaults,
    rows: rows.length,
    conditional: rows.filter(({ decision }) => decision === 'conditional').length,
    parseCpuMs: spent(begun, parsed),
    decideCpuMs: spent(parsed, decided),
  }
}

/** Processor time, which neighbours on the machine do not stretch. */
function spent(from: NodeJS.CpuUsage, to: NodeJS.CpuUsage): number {
  return Math.round((to.user + to.system - from.user - from.system) / 1000)
}

const full = { Effect: 'Allow', Action: '*', Resource: '*' }
const administrator = document('AdministratorAccess', full)
const readOnly = document('ReadOnlyAccess', {
  ...full,
  Action: [
    'ec2:Describe*',
    's3:Get*',
    's3:List*',
    'rds:Describe*',
    'backup:List*',
    'kms:Describe*',
  ],
})
const boundary = document('boundary', {
  Effect: 'Allow',
  NotAction: ['iam:*', 'organizations:*'],
  Resource: '*',
})
const guardrails = [
  [document('FullAWSAccess', full, 'scp')],
  [
    document('FullAWSAccess', full, 'scp'),
    document(
      'guard',
      [
        {
          Effect: 'Deny',
          Action: ['backup:Delete*', 'backup:Update*', 'kms:ScheduleKeyDeletion'],
          Resource: '*',
          Condition: { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/BackupAdmin' } },
        },
        {
          Effect: 'Deny',
          NotAction: ['iam:*', 'sts:*', 'organizations:*'],
          Resource: '*',
          Condition: { StringNotEquals: { 'aws:RequestedRegion': ['eu-west-1', 'eu-central-1'] } },
        },
      ],
      'scp',
    ),
  ],
  [document('FullAWSAccess', full, 'scp')],
]

const keyPolicy = document(
  'key policy',
  {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  },
  'resource',
)
const vaultPolicy = document(
  'vault policy',
  {
    Effect: 'Deny',
    Principal: '*',
    Action: ['backup:DeleteRecoveryPoint', 'backup:StartRestoreJob'],
    Resource: '*',
  },
  'resource',
)

function key(n: number): Resource {
  return { arn: `arn:aws:kms:eu-west-1:${account}:key/${n}`, account, policy: keyPolicy }
}

function recoveryPoint(n: number): Resource {
  const arn = `arn:aws:backup:eu-west-1:${account}:recovery-point:${n}`
  return { arn, account, policy: n % 2 === 0 ? vaultPolicy : null }
}

function role(n: number): Principal {
  const own = document(`inline of ${n}`, [
    {
      Effect: 'Allow',
      Action: ['s3:*Object', 's3:ListBucket'],
      Resource: [`arn:aws:s3:::bucket-${n}`, `arn:aws:s3:::bucket-${n}/*`],
    },
    {
      Effect: 'Allow',
      Action: 'dynamodb:*',
      Resource: `arn:aws:dynamodb:eu-west-1:${account}:table/table-${n}`,
    },
    {
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: { StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } },
    },
  ])
  const identity = n % 10 === 0 ? [administrator] : [readOnly, own]
  return {
    arn: `arn:aws:iam::${account}:role/role-${n}`,
    account,
    kind: 'role',
    identity,
    boundary: n % 4 === 0 ? boundary : undefined,
  }
}

function document(id: string, statement: unknown, kind: PolicyKind = 'identity'): Document {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statement })
  const parsed = parsePolicy(text, kind)
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  return { id, policy: parsed.policy }
}
