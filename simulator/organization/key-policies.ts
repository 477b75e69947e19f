import type { Cell, Status } from './cell.ts'

/** A key's policy, with what it says of outsiders. */
export interface KeyPolicy {
  text: string
  /** Whether it keeps all but the organization out. */
  keepsOut: Status
  /** Whether whoever is in the account may decrypt, without a policy of their own. */
  opens: boolean
}

const FOREIGN_ACCOUNT = '999988887777'
const USE = ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey*', 'kms:ReEncrypt*']

type Grant = (
  cell: Cell,
) => [statement: Record<string, unknown>, keepsOut: 'pass' | 'fail', opens?: true]

const grants: [Grant, ...Grant[]] = [
  (cell) => [allow({ AWS: another(cell) }), 'pass'],
  ({ organization }) => [
    allow('*', { StringEquals: { 'aws:PrincipalOrgID': organization.id } }),
    'pass',
    true,
  ],
  // How AWS confines its own keys.
  ({ accountId, region }) => [
    allow(
      { AWS: '*' },
      {
        StringEquals: {
          'kms:CallerAccount': accountId,
          'kms:ViaService': `backup.${region}.amazonaws.com`,
        },
      },
    ),
    'pass',
  ],
  // A vendor's account, but only what of it were in the organization.
  ({ organization }) => [
    allow({ AWS: FOREIGN_ACCOUNT }, { StringEquals: { 'aws:PrincipalOrgID': organization.id } }),
    'pass',
  ],
  () => [allow({ Service: 'backup.amazonaws.com' }), 'pass'],
  () => [{ ...allow({ AWS: FOREIGN_ACCOUNT }), Effect: 'Deny' }, 'pass'],
  () => [allow({ AWS: `arn:aws:iam::${FOREIGN_ACCOUNT}:role/Restore` }), 'fail'],
  () => [allow('*'), 'fail', true],
  ({ accountId }) => [
    allow('*', { StringLike: { 'kms:CallerAccount': [accountId, '9999*'] } }),
    'fail',
    true,
  ],
]

/** The policy that a key is found with: by far most trust their own account alone. */
export function keyPolicy(cell: Cell, random: Cell['random']): KeyPolicy {
  const own = { ...allow({ AWS: `arn:aws:iam::${cell.accountId}:root` }), Action: 'kms:*' }
  const statements: object[] = [{ ...own, Sid: 'Enable IAM User Permissions' }]
  if (random.chance(0.7)) return { text: documentOf(statements), keepsOut: 'pass', opens: false }
  const [statement, keepsOut, opens = false] = random.pick(grants)(cell)
  return { text: documentOf([...statements, statement]), keepsOut, opens }
}

function documentOf(Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

function allow(Principal: unknown, Condition?: object): Record<string, unknown> {
  const statement = { Sid: 'Use', Effect: 'Allow', Principal, Action: USE, Resource: '*' }
  return Condition ? { ...statement, Condition } : statement
}

function another({ accountId, organization }: Cell): string {
  return organization.accountIds.find((id) => id !== accountId) ?? accountId
}
