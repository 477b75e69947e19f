/** A node of a backup policy: what is set here, and what lies below. */
interface Node {
  value: unknown
  children: Map<string, Node>
  /** The level that limits what levels below it may do here and below, and to which operators. */
  limits: { level: number; operators: ReadonlySet<string> }[]
}

/** A plan that an effective policy would deploy. */
export interface PolicyPlan {
  name: string
  /** Empty where the plan is not whole. */
  regions: string[]
  /** What it lacks to be deployed; none: it is whole. */
  lacks: string | undefined
}

/** What the backup policies on an account's path come to. */
export interface EffectiveBackupPolicy {
  plans: PolicyPlan[]
  /** Policies whose document is no JSON object, by their place: nothing can then be told. */
  malformed: number
}

/**
 * Merges backup policies from the root down to the account, those of one level in the order given.
 * https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
 */
export function effectiveBackupPolicy(
  levels: readonly (readonly (string | undefined)[])[],
): EffectiveBackupPolicy {
  const root = emptyNode()
  let malformed = 0
  levels.forEach((documents, level) => {
    for (const document of documents) {
      const parsed = parsedObject(document)
      if (parsed) merge(root, parsed, { level, above: [] })
      else malformed++
    }
  })
  const plans = root.children.get('plans')?.children ?? new Map<string, Node>()
  return { plans: [...plans].map(([name, plan]) => planOf(name, plan)), malformed }
}

function emptyNode(): Node {
  return { value: undefined, children: new Map(), limits: [] }
}

function parsedObject(document: string | undefined): Record<string, unknown> | undefined {
  if (document === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(document)
    return isObject(parsed) ? parsed : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const LIMIT = '@@operators_allowed_for_child_policies'

function merge(
  node: Node,
  given: Record<string, unknown>,
  { level, above }: { level: number; above: Node['limits'] },
): void {
  const limits = [...above, ...node.limits].filter((limit) => limit.level < level)
  const allowed = (operator: string) =>
    limits.every(({ operators }) => operators.has('@@all') || operators.has(operator))
  for (const [key, value] of Object.entries(given)) {
    if (key === LIMIT) node.limits.push({ level, operators: new Set(listOf(value)) })
    else if (key.startsWith('@@')) {
      if (allowed(key)) node.value = applied(node.value, key, value)
    } else if (isObject(value)) {
      const child = node.children.get(key) ?? emptyNode()
      node.children.set(key, child)
      merge(child, value, { level, above: limits })
    }
  }
}

/** Names of settings are compared as written: AWS asks for one spelling of each. */
function applied(before: unknown, operator: string, value: unknown): unknown {
  if (operator === '@@assign') return value
  const list = listOf(before)
  const given = listOf(value)
  if (operator === '@@append') return [...new Set([...list, ...given])]
  if (operator === '@@remove') return list.filter((one) => !given.includes(one))
  return before
}

function listOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string')
}

/**
 * A plan must say where, when and what: Regions, rules with a vault each, and selections with a role each.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_backup_syntax.html
 */
function planOf(name: string, plan: Node): PolicyPlan {
  const regions = listOf(plan.children.get('regions')?.value)
  const rules = childrenOf(plan, 'rules')
  const selections = [
    ...childrenOf(plan, 'selections', 'tags'),
    ...childrenOf(plan, 'selections', 'resources'),
  ]
  const lacks = [
    regions.length === 0 && 'Regions',
    rules.length === 0 && 'rules',
    rules.some((rule) => !isSet(rule, 'target_backup_vault_name')) && 'a vault of a rule',
    selections.length === 0 && 'selections',
    selections.some((one) => !isSet(one, 'iam_role_arn')) && 'the role of a selection',
  ].find((one) => one !== false)
  return { name, regions: lacks ? [] : regions, lacks }
}

function childrenOf(node: Node, ...path: string[]): Node[] {
  const found = path.reduce<Node | undefined>((at, key) => at?.children.get(key), node)
  return [...(found?.children.values() ?? [])]
}

function isSet(node: Node, key: string): boolean {
  const [value = ''] = listOf(node.children.get(key)?.value)
  return value !== ''
}
