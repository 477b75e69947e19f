import {
  type AttachedPolicy,
  type EntityType,
  GetAccountAuthorizationDetailsCommand,
  type GetAccountAuthorizationDetailsCommandOutput,
  type GroupDetail,
  IAMClient,
  type ManagedPolicyDetail,
  type PolicyDetail,
  type RoleDetail,
  type UserDetail,
} from '@aws-sdk/client-iam'
import type { Cell } from '../collect/cell.ts'
import { bigint, boolean, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { tagsJson } from './normalize.ts'

const tables = {
  iam_principals: defineTable('IAM users and roles, one row each.', {
    arn: string('ARN of the user or role.'),
    kind: string('`user` or `role`.'),
    name: string('Name.'),
    path: string('Path, such as `/` or `/aws-reserved/sso.amazonaws.com/`.'),
    id: string('Unique id: `AIDA…` of a user, `AROA…` of a role.'),
    created_at: timestamp('When it was created.'),
    permissions_boundary_arn: string('ARN of the policy that bounds its permissions.'),
    trust_policy: string('Of a role: who may assume it, the document as it was written.'),
    service_linked: boolean('Whether it is a service-linked role; SCPs do not bind it.'),
    tags: string('Tags as a JSON object.'),
    instance_profile_arns: string('Of a role: ARNs of its instance profiles as a JSON array.'),
  }),
  iam_groups: defineTable('IAM groups, one row each.', {
    arn: string('ARN of the group.'),
    name: string('Name.'),
    path: string('Path.'),
  }),
  iam_group_members: defineTable('Which users are in which groups.', {
    group_arn: string('ARN of the group.'),
    user_arn: string('ARN of the user.'),
  }),
  iam_policies: defineTable('Customer managed policies, one row each.', {
    arn: string('ARN of the policy.'),
    name: string('Name.'),
    path: string('Path.'),
    version: string('The version in force, such as `v3`.'),
    document: string('The document of that version as it was written.'),
    attachment_count: bigint('How many users, groups and roles have it.'),
    boundary_count: bigint('How many users and roles are bounded by it.'),
  }),
  iam_managed_policies: defineTable(
    'AWS managed policies that are in use in the account, one row each.',
    {
      arn: string('ARN of the policy; it names no account.'),
      name: string('Name.'),
      version: string('The version in force.'),
      document: string('The document of that version as it was written.'),
    },
  ),
  iam_inline_policies: defineTable('Policies written into a user, role or group.', {
    owner_arn: string('ARN of the user, role or group.'),
    owner_kind: string('`user`, `role` or `group`.'),
    name: string('Name of the policy.'),
    document: string('The document as it was written.'),
  }),
  iam_attachments: defineTable('Managed policies that a user, role or group has.', {
    owner_arn: string('ARN of the user, role or group.'),
    owner_kind: string('`user`, `role` or `group`.'),
    policy_arn: string('ARN of the policy, the account’s own or AWS’s.'),
  }),
}

type IamCell = Cell<typeof tables>

const ALL = Object.keys(tables) as (keyof typeof tables)[]

/**
 * AWS managed policies are answered where they are in use, so that each account tells of those that it needs: at most a page more.
 * To read each of them once for the whole run would take two calls for each (its version in force, that version's document), and
 * workers that wait for one another: what one could not read, all would lack.
 */
const FILTER: EntityType[] = ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy']

/** Half of the most that AWS allows: entities come with their documents. */
const PAGE = { Filter: FILTER, MaxItems: 500 }

const MARKER = { request: 'Marker', response: 'Marker' }

/** One call, paged, tells of everything: no policy, version, group or attachment is asked for by itself. */
export default defineCollector({
  service: 'iam',
  scope: 'account',
  actions: ['iam:GetAccountAuthorizationDetails'],
  tables,
  async collect(cell) {
    await cell.read(ALL, async () => {
      const names: Names = { groups: new Map(), members: [], told: new Set(), granted: new Set() }
      const Command = GetAccountAuthorizationDetailsCommand
      for await (const page of cell.pages(IAMClient, Command, PAGE, MARKER)) {
        await putPage(cell, page, names)
      }
      for (const member of names.members) await putMember(cell, member, names)
      await missPolicies(cell, names)
    })
  },
})

async function putPage(
  cell: IamCell,
  page: GetAccountAuthorizationDetailsCommandOutput,
  names: Names,
): Promise<void> {
  for (const user of page.UserDetailList ?? []) await putUser(cell, user, names)
  for (const role of page.RoleDetailList ?? []) await putRole(cell, role, names)
  for (const group of page.GroupDetailList ?? []) await putGroup(cell, group, names)
  for (const policy of page.Policies ?? []) await putPolicy(cell, policy, names)
}

/** What entities call each other by; the one that is called may come on a later page. */
interface Names {
  groups: Map<string, string>
  members: { group: string; user: string }[]
  /** Policies that a page told of, and those that someone has. */
  told: Set<string>
  granted: Set<string>
}

async function putUser(cell: IamCell, user: UserDetail, names: Names): Promise<void> {
  const arn = user.Arn ?? ''
  await cell.put('iam_principals', {
    arn,
    kind: 'user',
    name: user.UserName,
    path: user.Path,
    id: user.UserId,
    created_at: user.CreateDate,
    permissions_boundary_arn: boundaryOf(user, names),
    service_linked: false,
    tags: tagsJson(user.Tags),
  })
  for (const group of user.GroupList ?? []) names.members.push({ group, user: arn })
  const grants = { inline: user.UserPolicyList, attached: user.AttachedManagedPolicies }
  await putGrants(cell, { arn, kind: 'user', ...grants }, names)
}

async function putRole(cell: IamCell, role: RoleDetail, names: Names): Promise<void> {
  const arn = role.Arn ?? ''
  const profiles = role.InstanceProfileList ?? []
  await cell.put('iam_principals', {
    arn,
    kind: 'role',
    name: role.RoleName,
    path: role.Path,
    id: role.RoleId,
    created_at: role.CreateDate,
    permissions_boundary_arn: boundaryOf(role, names),
    trust_policy: await decoded(cell, 'iam_principals', arn, role.AssumeRolePolicyDocument),
    service_linked: role.Path?.startsWith('/aws-service-role/') ?? false,
    tags: tagsJson(role.Tags),
    instance_profile_arns: profiles.length
      ? JSON.stringify(profiles.map((profile) => profile.Arn))
      : undefined,
  })
  const grants = { inline: role.RolePolicyList, attached: role.AttachedManagedPolicies }
  await putGrants(cell, { arn, kind: 'role', ...grants }, names)
}

async function putGroup(cell: IamCell, group: GroupDetail, names: Names): Promise<void> {
  const arn = group.Arn ?? ''
  await cell.put('iam_groups', { arn, name: group.GroupName, path: group.Path })
  names.groups.set(group.GroupName ?? '', arn)
  const grants = { inline: group.GroupPolicyList, attached: group.AttachedManagedPolicies }
  await putGrants(cell, { arn, kind: 'group', ...grants }, names)
}

function boundaryOf(
  { PermissionsBoundary }: UserDetail | RoleDetail,
  { granted }: Names,
): string | undefined {
  const arn = PermissionsBoundary?.PermissionsBoundaryArn
  if (arn) granted.add(arn)
  return arn
}

interface Owner {
  arn: string
  kind: 'user' | 'role' | 'group'
  inline: PolicyDetail[] | undefined
  attached: AttachedPolicy[] | undefined
}

async function putGrants(cell: IamCell, owner: Owner, { granted }: Names): Promise<void> {
  const of = { owner_arn: owner.arn, owner_kind: owner.kind }
  for (const { PolicyName: name, PolicyDocument } of owner.inline ?? []) {
    const document = await decoded(cell, 'iam_inline_policies', owner.arn, PolicyDocument)
    await cell.put('iam_inline_policies', { ...of, name, document })
  }
  for (const { PolicyArn: policy_arn = '' } of owner.attached ?? []) {
    granted.add(policy_arn)
    await cell.put('iam_attachments', { ...of, policy_arn })
  }
}

async function putPolicy(
  cell: IamCell,
  policy: ManagedPolicyDetail,
  { told }: Names,
): Promise<void> {
  const { Arn = '', PolicyName: name, DefaultVersionId: version } = policy
  const inForce = policy.PolicyVersionList?.find(({ IsDefaultVersion }) => IsDefaultVersion)
  const ofAws = isOfAws(Arn)
  if (ofAws && policy.AttachmentCount === 0 && !policy.PermissionsBoundaryUsageCount) return
  told.add(Arn)
  const table = ofAws ? 'iam_managed_policies' : 'iam_policies'
  const document = await decoded(cell, table, Arn, inForce?.Document)
  if (ofAws) {
    await cell.put('iam_managed_policies', { arn: Arn, name, version, document })
    return
  }
  await cell.put('iam_policies', {
    arn: Arn,
    name,
    path: policy.Path,
    version,
    document,
    attachment_count: policy.AttachmentCount,
    boundary_count: policy.PermissionsBoundaryUsageCount,
  })
}

/** A group that no page told of was made in between. */
async function putMember(
  cell: IamCell,
  { group, user }: Names['members'][number],
  { groups }: Names,
): Promise<void> {
  const putRow = async () => {
    const group_arn = groups.get(group)
    if (!group_arn) throw new Error(`no page told of the group ${group}`)
    await cell.put('iam_group_members', { group_arn, user_arn: user })
  }
  await cell.read('iam_group_members', putRow, { arn: user })
}

/** A policy that someone has, and whose document no page told, is a gap: what it grants is not known. */
async function missPolicies(cell: IamCell, { granted, told }: Names): Promise<void> {
  for (const arn of granted) {
    if (told.has(arn)) continue
    const table = isOfAws(arn) ? 'iam_managed_policies' : 'iam_policies'
    const fail = () => Promise.reject(new Error('someone has this policy, and no page told of it'))
    await cell.read(table, fail, { arn })
  }
}

function isOfAws(policyArn: string): boolean {
  return policyArn.split(':')[4] === 'aws'
}

/** A document as it was written. One that is missing or cannot be decoded is a gap of its owner, whose row stays. */
async function decoded(
  cell: IamCell,
  table: keyof typeof tables,
  arn: string,
  document: string | undefined,
): Promise<string | undefined> {
  let text: string | undefined
  const decode = async () => {
    if (document === undefined) throw new Error(`${arn} was answered without a document`)
    text = decodeURIComponent(document)
  }
  await cell.read(table, decode, { arn })
  return text
}
