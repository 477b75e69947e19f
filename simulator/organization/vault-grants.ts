import type { Cell, Status } from './cell.ts'

/** A statement of a policy, as it is written. */
export type Statement = Record<string, unknown>

/** What a vault's policy allows, with what it means by AWS's rules. */
export interface Grants {
  statements: Statement[]
  /** Whether only trusted accounts may copy into the vault. */
  copiesIn: Status
  /** Whether it grants other accounts nothing that they could not use. */
  deadGrants: Status
}

const COPY_IN = 'backup:CopyIntoBackupVault'
const FOREIGN_ACCOUNT = '999988887777'

/** No grants. */
export const silent: Grants = { statements: [], copiesIn: 'pass', deadGrants: 'pass' }

function allow(Principal: unknown, Action: unknown, Condition?: object): Statement {
  const statement = { Sid: 'Allow', Effect: 'Allow', Principal, Action, Resource: '*' }
  return Condition ? { ...statement, Condition } : statement
}

const another = ({ accountId, organization }: Cell) =>
  organization.accountIds.find((id) => id !== accountId) ?? accountId

/** Grants of which AWS documents what they do. */
export const clearGrants: [(cell: Cell) => Grants, ...((cell: Cell) => Grants)[]] = [
  ({ organization }) => ({
    ...silent,
    statements: [allow('*', COPY_IN, { StringEquals: { 'aws:PrincipalOrgID': organization.id } })],
  }),
  ({ organization }) => ({
    ...silent,
    statements: [
      allow({ AWS: '*' }, [COPY_IN], {
        'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': `${organization.id}/*` },
      }),
    ],
  }),
  (cell) => ({
    ...silent,
    statements: [allow({ AWS: [another(cell), `arn:aws:iam::${cell.accountId}:root`] }, COPY_IN)],
  }),
  (cell) => ({ ...silent, statements: [allow({ AWS: cell.accountId }, 'backup:StartRestoreJob')] }),
  () => ({ ...silent, statements: [allow('*', COPY_IN)], copiesIn: 'fail' }),
  // Who is in no organization has no such key.
  ({ organization }) => ({
    statements: [
      allow('*', COPY_IN, { StringEqualsIfExists: { 'aws:PrincipalOrgID': organization.id } }),
    ],
    copiesIn: 'fail',
    deadGrants: 'pass',
  }),
  () => ({
    statements: [allow({ AWS: `arn:aws:iam::${FOREIGN_ACCOUNT}:root` }, COPY_IN)],
    copiesIn: 'fail',
    deadGrants: 'pass',
  }),
  (cell) => ({
    statements: [allow({ AWS: another(cell) }, [COPY_IN, 'backup:StartRestoreJob'])],
    copiesIn: 'pass',
    deadGrants: 'fail',
  }),
  ({ organization }) => ({
    statements: [
      allow('*', 'backup:DescribeRecoveryPoint', {
        StringEquals: { 'aws:PrincipalOrgID': organization.id },
      }),
    ],
    copiesIn: 'pass',
    deadGrants: 'fail',
  }),
  // Of its own account alone, and so of use.
  ({ accountId }) => ({
    ...silent,
    statements: [
      allow('*', 'backup:StartRestoreJob', { StringEquals: { 'aws:PrincipalAccount': accountId } }),
    ],
  }),
]

/** Grants of which only a request tells. */
export const unclearGrants: ((cell: Cell) => Grants)[] = [
  () => ({ statements: [allow('*', 'backup:Copy*')], copiesIn: 'unknown', deadGrants: 'fail' }),
  () => ({
    statements: [allow('*', COPY_IN, { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } })],
    copiesIn: 'unknown',
    deadGrants: 'pass',
  }),
]
