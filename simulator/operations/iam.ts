import * as sdk from '@aws-sdk/client-iam'
import { roleIdOf } from '../credentials.ts'
import { documentOf, encoded, trustOf } from '../iam-documents.ts'
import { page } from '../paging.ts'
import type { AccountState, IamState, SimulatedRole, SimulatedUser } from '../state.ts'
import { defineService, type Operation, operation, type Rate } from './operation.ts'

/** AWS publishes no figure. */
const RATE: Rate[] = [{ group: 'iam', perSecond: 20, burst: 40 }]

/** IAM may answer fewer entities than asked for, and then says that there are more. */
const FEWER = 60

type Entity =
  | { type: 'User'; entity: sdk.UserDetail }
  | { type: 'Group'; entity: sdk.GroupDetail }
  | { type: 'Role'; entity: sdk.RoleDetail }
  | { type: 'LocalManagedPolicy' | 'AWSManagedPolicy'; entity: sdk.ManagedPolicyDetail }

const NOTHING: IamState = { users: [], groups: [], roles: [], policies: [] }

const isOfAws = ({ Arn }: sdk.ManagedPolicyDetail) => Arn?.includes('::aws:policy/') ?? false

/** Everything that IAM holds; the users and roles that can sign in here are among it. */
function entities(accountId: string, account: AccountState): Entity[] {
  const { users, groups, roles, policies } = account.iam ?? NOTHING
  const named = new Set(roles.map(({ RoleName }) => RoleName))
  return [
    ...users.map((entity) => ({ type: 'User' as const, entity })),
    ...account.users.map((user) => ({ type: 'User' as const, entity: userOf(accountId, user) })),
    ...groups.map((entity) => ({ type: 'Group' as const, entity })),
    ...roles.map((entity) => ({ type: 'Role' as const, entity })),
    ...account.roles
      .filter(({ name }) => !named.has(name))
      .map((role) => ({ type: 'Role' as const, entity: roleOf(accountId, role) })),
    ...policies.map((entity) => ({
      type: isOfAws(entity) ? ('AWSManagedPolicy' as const) : ('LocalManagedPolicy' as const),
      entity,
    })),
  ]
}

const CREATED = new Date('2024-02-01T09:00:00Z')

function userOf(accountId: string, user: SimulatedUser): sdk.UserDetail {
  return {
    Path: '/',
    UserName: user.name,
    UserId: `AIDA${user.accessKeyId.slice(4)}`,
    Arn: `arn:aws:iam::${accountId}:user/${user.name}`,
    CreateDate: CREATED,
    UserPolicyList: [{ PolicyName: 'permissions', PolicyDocument: documentOf(user) }],
  }
}

function roleOf(accountId: string, role: SimulatedRole): sdk.RoleDetail {
  return {
    Path: '/',
    RoleName: role.name,
    RoleId: roleIdOf(role.name),
    Arn: `arn:aws:iam::${accountId}:role/${role.name}`,
    CreateDate: CREATED,
    AssumeRolePolicyDocument: trustOf(role),
    RolePolicyList: [{ PolicyName: 'permissions', PolicyDocument: documentOf(role) }],
  }
}

const operations: Operation[] = [
  operation<
    sdk.GetAccountAuthorizationDetailsCommandInput,
    sdk.GetAccountAuthorizationDetailsCommandOutput
  >('iam', {
    schema: sdk.GetAccountAuthorizationDetails$,
    accepts: ['Filter', 'MaxItems', 'Marker'],
    rates: RATE,
    handle: ({ account, accountId }, { Filter: filter = [], MaxItems, Marker }) => {
      const all = entities(accountId, account).filter(
        ({ type }) => filter.length === 0 || filter.includes(type),
      )
      const request = {
        list: `details ${filter}`,
        token: Marker,
        limit: MaxItems,
        minimum: 1,
        maximum: 1000,
        standard: 100,
        badToken: 'ValidationError',
        badLimit: 'ValidationError',
      }
      const { items } = page(all, request)
      const { items: few, next } = page(all, {
        ...request,
        limit: Math.min(items.length || 1, FEWER),
      })
      const of = <Type extends Entity['type']>(...types: Type[]) =>
        few.flatMap((one) =>
          types.some((type) => type === one.type)
            ? [encoded((one as Extract<Entity, { type: Type }>).entity)]
            : [],
        )
      return {
        UserDetailList: of('User'),
        GroupDetailList: of('Group'),
        RoleDetailList: of('Role'),
        Policies: of('LocalManagedPolicy', 'AWSManagedPolicy'),
        IsTruncated: next !== undefined,
        Marker: next,
      }
    },
  }),
]

export default defineService({
  name: 'iam',
  family: 'query',
  namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  global: true,
  operations,
})
