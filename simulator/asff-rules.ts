import { AwsSecurityFinding$ } from '@aws-sdk/client-securityhub'
import { NormalizedSchema } from '@smithy/core/schema'

type Finding = Record<string, unknown>

const schema = NormalizedSchema.of(AwsSecurityFinding$)
const REQUIRED =
  'SchemaVersion Id ProductArn GeneratorId AwsAccountId CreatedAt UpdatedAt Title Description Resources'.split(
    ' ',
  )
/** Longest values, by path; `*` is any key or index. */
const LONGEST: Record<string, number> = {
  Id: 512,
  GeneratorId: 512,
  Title: 256,
  Description: 1024,
  ProductArn: 2048,
  'Remediation.Recommendation.Text': 512,
  'FindingProviderFields.Severity.Original': 64,
  'ProductFields.*': 2048,
  AwsAccountName: 50,
  'Compliance.RelatedRequirements.*': 64,
  'Resources.*.Type': 256,
  'Resources.*.Region': 16,
  ProductName: 128,
  CompanyName: 128,
}
/** Most items, by path. */
const MOST: Record<string, number> = {
  Resources: 32,
  Types: 50,
  ProductFields: 50,
  'FindingProviderFields.Types': 50,
  'Compliance.RelatedRequirements': 32,
  'Resources.*.Details.Other': 50,
}
const ONE_OF: Record<string, string[]> = {
  SchemaVersion: ['2018-10-08'],
  RecordState: ['ACTIVE', 'ARCHIVED'],
  'Compliance.Status': ['PASSED', 'WARNING', 'FAILED', 'NOT_AVAILABLE'],
  'FindingProviderFields.Severity.Label': ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'],
  'Resources.*.Partition': ['aws', 'aws-cn', 'aws-us-gov'],
}
const MOMENTS = ['CreatedAt', 'UpdatedAt', 'FirstObservedAt', 'LastObservedAt']
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/

/** What is wrong with a document by the rules that Security Hub publishes; nothing where it is acceptable. */
export function problemsOf(finding: unknown): string[] {
  if (typeof finding !== 'object' || finding === null) return ['the finding is no object']
  const given = finding as Finding
  const missing = REQUIRED.filter((name) => given[name] === undefined || given[name] === null)
  const problems = missing.map((name) => `${name} is required`)
  check(schema, given, '', problems)
  for (const name of MOMENTS) {
    const value = given[name]
    if (value !== undefined && !MOMENT.test(String(value))) problems.push(`${name} is no timestamp`)
  }
  if (!/^\d{12}$/.test(String(given.AwsAccountId))) problems.push('AwsAccountId has not 12 digits')
  if (Array.isArray(given.Resources) && given.Resources.length === 0) {
    problems.push('Resources is empty')
  }
  return [...problems, ...typeProblems(given), ...nestedProblems(given)]
}

/** Every member must be known and of its type; no text may be empty or blank. */
function check(shape: NormalizedSchema, value: unknown, path: string, problems: string[]): void {
  if (value === undefined || value === null) return
  const collects = shape.isStructSchema() || shape.isListSchema() || shape.isMapSchema()
  if (!collects) checkScalar(shape, value, path, problems)
  else if (typeof value !== 'object') problems.push(`${path || 'the finding'} is no object`)
  else if (shape.isStructSchema()) checkMembers(shape, value, path, problems)
  else checkItems(shape, value, path, problems)
}

function checkMembers(shape: NormalizedSchema, value: object, path: string, problems: string[]) {
  const members = new Map(shape.structIterator())
  for (const [name, one] of Object.entries(value)) {
    const member = members.get(name)
    if (member === undefined) problems.push(`${join(path, name)} is unknown`)
    else check(member, one, join(path, name), problems)
  }
}

function checkItems(shape: NormalizedSchema, value: object, path: string, problems: string[]) {
  const entries = Object.entries(value)
  const most = MOST[general(path)]
  if (most !== undefined && entries.length > most) problems.push(`${path} has more than ${most}`)
  for (const [key, one] of entries) {
    if (key.trim() === '' || key.length > 128) problems.push(`${path} has a bad key`)
    check(shape.getValueSchema(), one, `${path}.*`, problems)
  }
}

function checkScalar(shape: NormalizedSchema, value: unknown, path: string, problems: string[]) {
  if (shape.isBooleanSchema() || shape.isNumericSchema()) {
    const wanted = shape.isBooleanSchema() ? 'boolean' : 'number'
    if (typeof value !== wanted) problems.push(`${path} is no ${wanted}`)
    return
  }
  if (typeof value !== 'string') return void problems.push(`${path} is no string`)
  if (!/\S/.test(value)) problems.push(`${path} is blank`)
  const key = general(path)
  const longest = LONGEST[key]
  if (longest !== undefined && value.length > longest) {
    problems.push(`${path} is longer than ${longest}`)
  }
  const oneOf = ONE_OF[key]
  if (oneOf !== undefined && !oneOf.includes(value)) problems.push(`${path} cannot be ${value}`)
}

/** Namespace/category/classifier, of the four namespaces there are. */
function typeProblems({ FindingProviderFields: given, Types }: Finding): string[] {
  const types = (given as { Types?: unknown } | undefined)?.Types ?? Types
  const namespaces =
    /^(Software and Configuration Checks|TTPs|Effects|Unusual Behaviors|Sensitive Data Identifications)(\/[^/]+){0,2}$/
  if (types === undefined) return ['Types is required, or FindingProviderFields.Types']
  if (!Array.isArray(types)) return []
  return types.filter((one) => !namespaces.test(String(one))).map((one) => `no such type: ${one}`)
}

function nestedProblems({ FindingProviderFields: given, Severity, Compliance }: Finding): string[] {
  const problems: string[] = []
  const severity = (given as { Severity?: unknown } | undefined)?.Severity ?? Severity
  if (severity === undefined) problems.push('Severity is required')
  const reasons = (Compliance as { StatusReasons?: { ReasonCode?: string }[] } | undefined)
    ?.StatusReasons
  if (reasons?.some(({ ReasonCode }) => !ReasonCode)) problems.push('a reason has no ReasonCode')
  return problems
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function general(path: string): string {
  return path.replace(/\.\d+(?=\.|$)/g, '.*')
}
