import type { Config } from '../config/schema.ts'
import type { StoredRow } from '../lake/table.ts'
import type { Documents } from '../policy/documents.ts'
import { roleKind } from '../policy/role-kinds.ts'
import type { By, Document, PolicyKind, Principal, Request } from '../policy/types.ts'
import type { DerivedCell } from './derivation.ts'

/** The collected tables that principals are made of. */
export const iamTables: readonly string[] = [
  'iam_principals',
  'iam_groups',
  'iam_group_members',
  'iam_policies',
  'iam_managed_policies',
  'iam_inline_policies',
  'iam_attachments',
]

/** The collected tables that guardrails are made of. */
export const guardrailTables: readonly string[] = [
  'org_policies',
  'org_policy_targets',
  'org_policy_types',
]

type Place = Pick<DerivedCell, 'rows' | 'accountId' | 'organization'>

/** A user or role with its row. */
export interface KnownPrincipal {
  row: StoredRow
  principal: Principal
}

/** The users and roles of an account with all of their policies. A policy that was not read stays in its place, without a meaning. */
export function readPrincipals(place: Place, documents: Documents): KnownPrincipal[] {
  const managed = new Map(
    ['iam_policies', 'iam_managed_policies']
      .flatMap((table) => place.rows(table))
      .map(({ arn, document }) => [String(arn), text(document)]),
  )
  const policy = (arn: string) => documents.read(arn, managed.get(arn), 'identity')
  const owned = new Map<string, Document[]>()
  const own = (owner: unknown, document: Document) => {
    const list = owned.get(String(owner)) ?? []
    owned.set(String(owner), list)
    list.push(document)
  }
  for (const { owner_arn, policy_arn } of place.rows('iam_attachments'))
    own(owner_arn, policy(String(policy_arn)))
  for (const { owner_arn, name, document } of place.rows('iam_inline_policies'))
    own(owner_arn, documents.read(`${owner_arn} ${name}`, text(document), 'identity'))
  const groups = Map.groupBy(place.rows('iam_group_members'), ({ user_arn }) => String(user_arn))
  return place.rows('iam_principals').map((row) => {
    const arn = String(row.arn)
    const owners = [arn, ...(groups.get(arn) ?? []).map(({ group_arn }) => String(group_arn))]
    const boundary = text(row.permissions_boundary_arn)
    return {
      row,
      principal: {
        arn,
        account: place.accountId,
        kind: kindOf(row),
        id: text(row.id),
        tags: JSON.parse(text(row.tags) ?? '{}'),
        identity: owners.flatMap((owner) => owned.get(owner) ?? []),
        boundary: boundary === undefined ? undefined : policy(boundary),
      },
    }
  })
}

/** Names of Strongroom's own roles in every account, without their paths. */
export function ownRoleNames({ role_name, publisher_role_name }: Config): ReadonlySet<string> {
  return new Set([role_name, publisher_role_name].map((name) => name.split('/').at(-1) ?? name))
}

function kindOf({ arn, kind, service_linked }: StoredRow): Principal['kind'] {
  if (kind === 'user') return 'user'
  const linked = service_linked === true || roleKind(String(arn)) === 'service_linked'
  return linked ? 'service_linked_role' : 'role'
}

/** The SCPs and RCPs on the way from the root to the account, level by level; absent where they are not in force. */
export function readGuardrails(
  place: Place,
  documents: Documents,
): Pick<Request, 'scps' | 'rcps' | 'organization'> {
  const { organization } = place
  return {
    organization,
    scps: levelsOf(place, 'SERVICE_CONTROL_POLICY', 'scp', documents),
    rcps: levelsOf(place, 'RESOURCE_CONTROL_POLICY', 'rcp', documents),
  }
}

function levelsOf(
  place: Place,
  type: string,
  kind: PolicyKind,
  documents: Documents,
): Document[][] | undefined {
  const inForce = place
    .rows('org_policy_types')
    .some((row) => row.type === type && row.status === 'ENABLED')
  if (!inForce) return undefined
  const untold = [documents.read(`${type} of ${place.accountId}`, undefined, kind)]
  // The last policy of a type cannot be detached (Organizations guide, "Detaching organization policies"): where none was told, one is missing.
  return (
    policiesOnPath(place, type)?.map((policies) =>
      policies.length === 0
        ? untold
        : policies.map(({ name, content }) => documents.read(String(name), text(content), kind)),
    ) ?? [untold]
  )
}

/**
 * The organization's policies of a type on the way from the root to the account, level by level, whether they are in force or not.
 * Undefined: which lie on a way that is not known cannot be told.
 */
export function policiesOnPath(
  { rows, accountId, organization }: Place,
  type: string,
): StoredRow[][] | undefined {
  const path = organization.paths.get(accountId)
  if (!path) return undefined
  const policies = new Map(
    rows('org_policies')
      .filter((row) => row.type === type)
      .map((row) => [row.arn, row]),
  )
  const targets = Map.groupBy(rows('org_policy_targets'), ({ target_id }) => target_id)
  const ids = [...path.split('/').filter((id) => id && !id.startsWith('o-')), accountId]
  return ids.map((id) =>
    (targets.get(id) ?? []).flatMap(({ policy_arn }) => {
      const policy = policies.get(policy_arn)
      return policy ? [policy] : []
    }),
  )
}

/** The documents and statements that a decision rests on, as a JSON array. */
export function statementsOf(by: readonly By[]): string {
  const names = by
    .filter(({ effect }) => effect === 'Allow')
    .map(({ document, statement }) => `${document} ${statement}`)
  return JSON.stringify([...new Set(names)])
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
