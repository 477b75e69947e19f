import type { GroupDetail, PolicyDetail, RoleDetail, UserDetail } from '@aws-sdk/client-iam'
import { roleIdOf } from '../credentials.ts'
import type { AccountState, IamState } from '../state.ts'
import type { Statement } from './abilities.ts'
import {
  type ManagedPolicyName,
  managedPolicy,
  managedPolicyArn,
  policyDetail,
} from './managed-policies.ts'

/** What one can do to data and backups. */
export type PowerName =
  | 'destroy_data'
  | 'write_data'
  | 'destroy_backups'
  | 'unlock_vaults'
  | 'destroy_keys'
  | 'restore'
  | 'read_backup_data'
  | 'share_backups'
  | 'weaken_defaults'
  | 'blind_detection'
  | 'escalate'

/** Powers by name, each with the services whose data or backups it is over (`efs`, not its prefix); `*` is every service. */
export type Powers = Partial<Record<PowerName, readonly string[]>>

/** A principal, with what it can do by construction: after its boundary and the organization's policies. */
export interface PlantedPrincipal {
  arn: string
  kind: 'user' | 'role'
  /**
   * `own`: the account's. `organization`: an administrator's way in from outside, such as `AWSReservedSSO_*`. `backup_service`: the role
   * that AWS Backup works with. `automation`: a role that a service restores with. `service_linked`: AWS's.
   */
  part: 'own' | 'organization' | 'backup_service' | 'automation' | 'service_linked'
  /** Every action of these services is allowed to it, on everything; `*` is every service. */
  full: readonly string[]
  /** What single statements give besides. */
  powers: Powers
}

/** Whether a principal was planted with a power over a service. */
export function hasPower(
  { full, powers }: PlantedPrincipal,
  power: PowerName,
  service: string,
): boolean {
  const over = [...full, ...(powers[power] ?? [])]
  return over.includes('*') || over.includes(service)
}

/** What a principal is made of. */
export interface Casting extends Partial<Pick<PlantedPrincipal, 'full' | 'powers'>> {
  name: string
  path?: string
  part: PlantedPrincipal['part']
  /** Statements of an inline policy, of a customer managed one, and AWS managed policies. */
  inline?: Statement[]
  managed?: Statement[]
  ofAws?: ManagedPolicyName[]
  /** Actions that the boundary leaves. */
  boundary?: string[]
  tags?: { Key: string; Value: string }[]
}

/** Plants users, groups and roles into one account and keeps count of who has which policy. */
export class Cast {
  readonly planted: PlantedPrincipal[] = []
  readonly #accountId: string
  readonly #iam: IamState = { users: [], groups: [], roles: [], policies: [] }
  readonly #ofAws = new Map<ManagedPolicyName, number>()

  constructor(accountId: string, account: AccountState) {
    this.#accountId = accountId
    account.iam = this.#iam
  }

  /** Plants a role that the trust's principal may assume. */
  role(casting: Casting & { trust: Statement; instanceProfile?: boolean }): void {
    const { name, path = '/', trust, tags } = casting
    const Arn = this.#arn('role', path, name)
    const role: RoleDetail = {
      Path: path,
      RoleName: name,
      RoleId: roleIdOf(name),
      Arn,
      CreateDate: CREATED,
      AssumeRolePolicyDocument: documentOf([{ Effect: 'Allow', ...trust }]),
      RolePolicyList: inlineOf(casting),
      AttachedManagedPolicies: this.#attach(casting),
      ...this.#bound(casting),
      ...(tags ? { Tags: tags } : {}),
    }
    if (casting.instanceProfile) {
      const profile = {
        Path: path,
        InstanceProfileName: name,
        InstanceProfileId: `AIPA${roleIdOf(name).slice(4)}`,
        Arn: this.#arn('instance-profile', path, name),
        CreateDate: CREATED,
      }
      role.InstanceProfileList = [{ ...profile, Roles: [] }]
    }
    this.#iam.roles.push(role)
    this.#note(Arn, 'role', casting)
  }

  /** Plants a user in a group that has the permissions. */
  memberOf(group: string, casting: Casting): void {
    const { name, path = '/', tags } = casting
    const Arn = this.#arn('user', path, name)
    const user: UserDetail = {
      Path: path,
      UserName: name,
      UserId: `AIDA${roleIdOf(name).slice(4)}`,
      Arn,
      CreateDate: CREATED,
      GroupList: [group],
      ...this.#bound(casting),
      ...(tags ? { Tags: tags } : {}),
    }
    const held: GroupDetail = {
      Path: '/teams/',
      GroupName: group,
      GroupId: `AGPA${roleIdOf(group).slice(4)}`,
      Arn: this.#arn('group', '/teams/', group),
      CreateDate: CREATED,
      GroupPolicyList: inlineOf(casting),
      AttachedManagedPolicies: this.#attach(casting),
    }
    this.#iam.users.push(user)
    this.#iam.groups.push(held)
    this.#note(Arn, 'user', casting)
  }

  /** Adds the AWS managed policies that someone has. */
  close(): PlantedPrincipal[] {
    for (const [name, count] of this.#ofAws) this.#iam.policies.push(managedPolicy(name, count))
    return this.planted
  }

  #arn(kind: string, path: string, name: string): string {
    return `arn:aws:iam::${this.#accountId}:${kind}${path}${name}`
  }

  #attach({ name, managed, ofAws = [] }: Casting) {
    const attached = ofAws.map((policy) => {
      this.#ofAws.set(policy, (this.#ofAws.get(policy) ?? 0) + 1)
      return { PolicyName: policy, PolicyArn: managedPolicyArn(policy) }
    })
    if (!managed) return attached
    const arn = this.#arn('policy', '/', name)
    const document = documentOf(managed)
    this.#iam.policies.push(policyDetail({ arn, name, document, attachments: 1, version: 'v3' }))
    return [...attached, { PolicyName: name, PolicyArn: arn }]
  }

  #bound({ name, boundary }: Casting) {
    if (!boundary) return {}
    const arn = this.#arn('policy', '/boundaries/', name)
    const document = documentOf([{ Effect: 'Allow', Action: boundary, Resource: '*' }])
    const path = '/boundaries/'
    this.#iam.policies.push(
      policyDetail({ arn, name, path, document, attachments: 0, boundaries: 1 }),
    )
    return {
      PermissionsBoundary: {
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy' as const,
        PermissionsBoundaryArn: arn,
      },
    }
  }

  #note(arn: string, kind: PlantedPrincipal['kind'], casting: Casting): void {
    const { part, full = [], powers = {} } = casting
    this.planted.push({ arn, kind, part, full, powers })
  }
}

const CREATED = new Date('2023-05-04T08:30:00Z')

function inlineOf({ name, inline }: Casting): PolicyDetail[] {
  return inline ? [{ PolicyName: `${name}-inline`, PolicyDocument: documentOf(inline) }] : []
}

function documentOf(statements: Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}
