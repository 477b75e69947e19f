import { z } from 'zod'
import { type Engine, literal } from './engine.ts'

/** What a statement reads and what in it two engines would not answer alike. */
export interface Inspection {
  /** Names it reads that are not its own CTEs: tables and views. */
  reads: string[]
  problems: string[]
  /** Whether it is one query: not several, and nothing that writes or sets. */
  isQuery: boolean
}

const allowedFunctions = new Set(
  `|| + - * / count count_star sum min max avg bool_or bool_and count_if row_number coalesce nullif
  length lower upper trim replace split_part strpos starts_with ~~ !~~ like_escape not_like_escape
  abs round floor ceil greatest least to_days to_hours to_minutes trunc any_value`
    .trim()
    .split(/\s+/),
)
const clocks = new Set([
  'current_timestamp',
  'current_date',
  'current_time',
  'localtimestamp',
  'now',
])
const refusedClasses: Record<string, string> = {
  LAMBDA: 'array lambdas',
  POSITIONAL_REFERENCE: 'positional references',
}
const refusedTypes: Record<string, string> = {
  ARRAY_CONSTRUCTOR: 'arrays',
  STRUCT_EXTRACT: 'structs',
  TABLE_FUNCTION: 'table functions',
  PIVOT: 'pivots',
}
const parsed = z.object({
  error: z.boolean(),
  error_message: z.string().optional(),
  statements: z.array(z.unknown()).optional(),
})

type Node = Record<string, unknown>

/** Parses a statement and lists what it reads and what is not portable; `unprintable` columns must not be cast to varchar. */
export async function inspectSql(
  engine: Engine,
  sql: string,
  unprintable: ReadonlySet<string> = new Set(),
): Promise<Inspection> {
  if (engine.inspect) return engine.inspect(sql)
  if (unprintable.size > 0) return parse(engine, sql, unprintable)
  const inspection = inspected.get(sql) ?? (await parse(engine, sql, unprintable))
  if (inspected.size >= INSPECTED_AT_MOST) inspected.clear()
  inspected.set(sql, inspection)
  return inspection
}

/** What was found in statements, by their text: it hangs on nothing else, and the same views and controls are rendered again and again. */
const inspected = new Map<string, Inspection>()
const INSPECTED_AT_MOST = 1_000

async function parse(
  engine: Engine,
  sql: string,
  unprintable: ReadonlySet<string>,
): Promise<Inspection> {
  const { rows } = await engine.query(`select json_serialize_sql(${literal(sql)}) as tree`)
  const tree: unknown = JSON.parse(String(rows[0]?.tree))
  const head = parsed.parse(tree)
  if (head.error) {
    return { reads: [], problems: [`does not parse: ${head.error_message}`], isQuery: false }
  }
  const reads = new Set<string>()
  const problems = new Set<string>(intervalProblems(sql))
  walk(tree, new Set(), (node, ctes, parent) => {
    const name = node.type === 'BASE_TABLE' ? text(node.table_name) : undefined
    // What is named with its schema is no table of the run that is asked, but all runs' or another's.
    if (name !== undefined && node.schema_name) problems.add(`names a schema: ${node.schema_name}`)
    else if (name !== undefined && !ctes.has(name)) reads.add(name)
    for (const problem of problemsOf(node, unprintable)) problems.add(problem)
    if (functionName(node) === 'split_part' && !hidesEmpty(parent)) {
      problems.add('uses split_part without coalesce or nullif')
    }
  })
  return {
    reads: [...reads].sort(),
    problems: [...problems].sort(),
    isQuery: head.statements?.length === 1,
  }
}

/** The parser makes the same call of `interval '1' day`: only the text tells them apart. */
function intervalProblems(sql: string): string[] {
  const calls = sql.match(/\bto_(?:days|hours|minutes|seconds)(?=\s*\()/g) ?? []
  return calls.map((name) => `uses the function ${name}`)
}

type Visit = (node: Node, ctes: ReadonlySet<string>, parent: Node) => void

function walk(value: unknown, ctes: ReadonlySet<string>, visit: Visit, parent: Node = {}): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, ctes, visit, parent)
  } else if (isNode(value)) {
    const known = new Set([...ctes, ...ownCtes(value)])
    visit(value, known, parent)
    for (const child of Object.values(value)) walk(child, known, visit, value)
  }
}

/** Past the last part one engine answers nothing, the other an empty text: whoever asks must not tell them apart. */
function hidesEmpty(parent: Node): boolean {
  return parent.type === 'OPERATOR_COALESCE' || functionName(parent) === 'nullif'
}

function ownCtes(node: Node): string[] {
  const map = isNode(node.cte_map) ? node.cte_map.map : undefined
  return Array.isArray(map) ? map.map((entry: Node) => text(entry.key) ?? '') : []
}

function problemsOf(node: Node, unprintable: ReadonlySet<string>): string[] {
  const refused = refusedClasses[text(node.class) ?? ''] ?? refusedTypes[text(node.type) ?? '']
  if (refused) return [`uses ${refused}`]
  if (node.class === 'FUNCTION' || node.class === 'WINDOW') return functionProblems(node)
  if (node.class === 'COLUMN_REF') {
    const name = lastName(node)
    return clocks.has(name) ? [`uses the clock ${name}`] : []
  }
  if (node.class === 'CAST') return castProblems(node, unprintable)
  return []
}

function functionName(node: Node): string {
  return (text(node.function_name) ?? '').toLowerCase()
}

function functionProblems(node: Node): string[] {
  const name = functionName(node)
  if (!allowedFunctions.has(name)) return [`uses the function ${name}`]
  const children = Array.isArray(node.children) ? node.children.filter(isNode) : []
  if (name === '/' && !children.some((child) => castType(child) === 'DOUBLE')) {
    return ['divides without cast(… as double)']
  }
  const nullable = (child: Node) => child.type !== 'OPERATOR_COALESCE' && child.class !== 'CONSTANT'
  if ((name === 'greatest' || name === 'least') && children.some(nullable)) {
    return [`uses ${name} without coalesce`]
  }
  return []
}

function castProblems(node: Node, unprintable: ReadonlySet<string>): string[] {
  if (castType(node) !== 'VARCHAR' || !isNode(node.child)) return []
  const child = node.child
  const column = child.class === 'COLUMN_REF' ? lastName(child) : ''
  const prints = ['DOUBLE', 'FLOAT', 'TIMESTAMP', 'DATE'].includes(castType(child) ?? '')
  return prints || unprintable.has(column) || child.function_name === '/'
    ? [`casts a timestamp or double to varchar${column ? `: ${column}` : ''}`]
    : []
}

function castType(node: Node): string | undefined {
  return node.class === 'CAST' && isNode(node.cast_type) ? text(node.cast_type.id) : undefined
}

function lastName(node: Node): string {
  const names = Array.isArray(node.column_names) ? node.column_names : []
  return String(names.at(-1) ?? '').toLowerCase()
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
