import { boolean, string } from '../lake/table.ts'
import type { Documents } from '../policy/documents.ts'
import { type Grant, grantsOf } from '../policy/grants.ts'
import type { Document, Organization } from '../policy/types.ts'

/** The columns of every table of grants; the view `policy_grants` puts the tables together. */
export const grantColumns = {
  resource_arn: string('ARN of the resource that the policy hangs on.'),
  resource_kind: string('`vault`, `key`, `bucket`, `file-system` or `table`.'),
  effect: string('`Allow` or `Deny`.'),
  statement: string('Its Sid, else its place in the document from 0.'),
  principal: string('The principal as written; of NotPrincipal those whom it spares.'),
  principal_kind: string(
    '`everyone`, `everyone_but` (NotPrincipal), `account`, `role`, `user`, `session`, `unique_id`, `service`, `federated`, `canonical_user` or `other`.',
  ),
  principal_account_id: string('Account of the principal, where it can be told.'),
  relation: string(
    '`public`, `same_account`, `organization`, `trusted`, `outside`, `service` or `unknown`.',
  ),
  confined: string(
    'Whether conditions and Denies keep all but the organization and trusted accounts out: `yes`, `no`, or `unknown` where only a request can tell.',
  ),
  condition_keys: string('Keys of the conditions of the statement, as a JSON array.'),
  leaves_account: string(
    'Whether it allows anyone outside the account of the resource, Denies aside: `yes`, `no` or `unknown`.',
  ),
  actions: string('Actions as written, as a JSON array.'),
  all_actions_but: boolean('Whether they are those that the statement is not about (NotAction).'),
  resources: string('Resources as written, as a JSON array.'),
  problem: string(
    'Why the document cannot be understood; such a one has one row, and no statements.',
  ),
}

/** A resource with its policy as collected. */
export interface PolicyText {
  arn: string
  kind: 'vault' | 'key' | 'bucket' | 'file-system' | 'table'
  text: string
}

/** The place that a policy is judged in. */
export interface Place {
  accountId: string
  organization: Organization
  config: { trusted_accounts: readonly string[] }
}

/** One grant with its row. A document that cannot be understood has a row without a grant. */
export interface GrantRow {
  grant: Grant | undefined
  row: Record<Exclude<keyof typeof grantColumns, 'all_actions_but'>, string | null> & {
    all_actions_but: boolean | null
  }
}

/** What a resource's policy grants and denies to whom, one row for each statement and principal. */
export function grantRows(
  { arn, kind, text }: PolicyText,
  { accountId, organization, config }: Place,
  documents: Documents,
): GrantRow[] {
  const document = documents.read(arn, text, 'resource')
  if (!document.policy) return [{ grant: undefined, row: malformed({ arn, kind }, documents) }]
  const resource = { arn, account: accountId }
  const known = { organization, trusted: new Set(config.trusted_accounts) }
  const leaving = leavingAllows(document, resource).values()
  return grantsOf(document, resource, known).map((grant) => ({
    grant,
    row: {
      resource_arn: arn,
      resource_kind: kind,
      effect: grant.effect,
      statement: grant.statement,
      principal: grant.principal,
      principal_kind: grant.principalKind,
      principal_account_id: grant.account ?? null,
      relation: grant.relation,
      confined: grant.confined,
      condition_keys: JSON.stringify(grant.conditionKeys),
      leaves_account: grant.effect === 'Deny' ? 'no' : (leaving.next().value ?? 'unknown'),
      actions: JSON.stringify(grant.actions),
      all_actions_but: grant.allActionsBut,
      resources: JSON.stringify(grant.resources),
      problem: null,
    },
  }))
}

/**
 * Of each Allow, whether it is for anyone of another account, Denies aside: to a resource that trusts no account, all others are
 * strangers.
 */
function leavingAllows(
  { id, policy }: Document,
  resource: { arn: string; account: string },
): string[] {
  if (!policy) return []
  const statements = policy.statements.filter(({ effect }) => effect === 'Allow')
  const document = { id, policy: { ...policy, statements } }
  const alone = { organization: undefined, trusted: new Set<string>() }
  return grantsOf(document, resource, alone).map(({ relation, confined }) => {
    if (relation === 'same_account' || relation === 'service' || confined === 'yes') return 'no'
    // Whose principal it is cannot be told.
    return confined === 'unknown' || relation === 'unknown' ? 'unknown' : 'yes'
  })
}

function malformed({ arn, kind }: Omit<PolicyText, 'text'>, documents: Documents): GrantRow['row'] {
  const [problem] = documents.problems.get(arn) ?? []
  return {
    resource_arn: arn,
    resource_kind: kind,
    effect: null,
    statement: null,
    principal: null,
    principal_kind: null,
    principal_account_id: null,
    relation: 'unknown',
    confined: 'unknown',
    condition_keys: null,
    leaves_account: 'unknown',
    actions: null,
    all_actions_but: null,
    resources: null,
    problem: problem ? `${problem.path}: ${problem.message}` : 'it cannot be understood',
  }
}
