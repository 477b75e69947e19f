/** True, false, or not to be known from what was read. Compare with `===`: `'unknown'` is truthy. */
export type Tri = boolean | 'unknown'

/** What is malformed, and where in the document: `Statement[2].Condition.StringLike`. */
export interface Problem {
  path: string
  message: string
}

/** What a document holds: a policy, or the reasons why its meaning cannot be told. */
export type Parsed = { policy: Policy } | { problems: Problem[] }

/** Where a document is attached: it decides which elements it must have. */
export type PolicyKind = 'identity' | 'resource' | 'trust' | 'scp' | 'rcp'

export interface Policy {
  version: '2008-10-17' | '2012-10-17'
  statements: Statement[]
}

export interface Statement {
  index: number
  sid: string | undefined
  effect: 'Allow' | 'Deny'
  /** `NotAction` is negated. */
  action: { negated: boolean; patterns: Pattern[] }
  /** Absent in trust policies, which apply to the role that they hang on. */
  resource: { negated: boolean; patterns: Pattern[] } | undefined
  /** Absent in identity policies and SCPs. */
  principal: { negated: boolean; entries: PrincipalEntry[] } | undefined
  conditions: Condition[]
}

/**
 * A text that may hold wildcards and variables. In `glob` the wildcards are private-use characters, so that a literal `*` that
 * stems from `${*}` or from a variable's value stays literal.
 */
export interface Pattern {
  source: string
  glob: string
  wild: boolean
  variables: boolean
}

export interface PrincipalEntry {
  type: '*' | 'AWS' | 'Service' | 'Federated' | 'CanonicalUser'
  value: string
}

export interface Condition {
  /** Lower case, without qualifier and suffix: `stringlike`. */
  operator: string
  qualifier: 'all' | 'any' | undefined
  ifExists: boolean
  /** As written. */
  key: string
  /** Lower case: names of context keys are not case-sensitive. */
  lookup: string
  values: Pattern[]
}

/** A document with the name that answers call it by. Without a policy it was not read or is malformed. */
export interface Document {
  id: string
  policy: Policy | undefined
}

/** What is known of a request. An empty list: the key is absent. No entry: it cannot be told. Keys in lower case. */
export interface Context {
  get(key: string): readonly string[] | undefined
}

/** What is known of the organization. */
export interface Organization {
  id: string | undefined
  managementAccount: string | undefined
  /** Account id to its path as `aws:PrincipalOrgPaths` writes it: `o-1/r-1/ou-1/`; empty: a member whose path is not known. */
  paths: ReadonlyMap<string, string>
}

export interface Principal {
  /** Of a role its own ARN with path, not a session's; of a service its name, such as `backup.amazonaws.com`. */
  arn: string
  account: string | undefined
  kind: 'user' | 'role' | 'service_linked_role' | 'root' | 'service'
  /** `AIDA…` or `AROA…`. */
  id?: string | undefined
  tags?: Record<string, string> | undefined
  /** Inline, managed and the groups' policies. */
  identity: Document[]
  boundary?: Document | undefined
}

export interface Resource {
  arn: string
  account: string | undefined
  /** Null: it has none. Undefined: it was not read. `default`: of a KMS key, the policy that delegates to the account. */
  policy: Document | null | undefined | 'default'
  /** Undefined: they were not read. */
  tags?: Record<string, string> | undefined
  /** Of a KMS key: RCPs do not apply to those that AWS manages. */
  awsManaged?: boolean | undefined
}

export interface Request {
  principal: Principal
  action: string
  resource: Resource
  organization?: Organization | undefined
  /** From the root to the principal's account, the documents at each level. Undefined: SCPs are not in force. */
  scps?: Document[][] | undefined
  /** The same for RCPs and the resource's account. */
  rcps?: Document[][] | undefined
  /** What is known besides, such as `kms:viaservice`; it goes before what is derived. Keys in lower case. */
  context?: Context | undefined
}

/** A statement that made a decision. */
export interface By {
  document: string
  /** Its Sid, else its index. */
  statement: string
  effect: 'Allow' | 'Deny'
  /** Whether it applies could not be told. */
  unknown: boolean
}

export interface Decision {
  decision: 'allowed' | 'denied' | 'conditional'
  /** Which kind of policy decided: for `denied` and `conditional` the first that stood in the way. */
  at: 'identity' | 'boundary' | 'scp' | 'rcp' | 'resource' | 'root' | 'service'
  /** Whether a Deny decided, or a missing Allow. */
  explicit: boolean
  by: By[]
}
