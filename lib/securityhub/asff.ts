import type { AwsSecurityFinding, SeverityLabel } from '@aws-sdk/client-securityhub'
import type { Value } from '../engine/engine.ts'
import { only, resourceOf } from './resources.ts'
import type { ControlTexts } from './texts.ts'

/** A row of `hub_plans`, or of what fails: what one finding has to say. */
export type FindingRow = Record<string, Value>

/** What all findings of a run have in common. */
export interface FindingContext {
  partition: string
  runId: string
  texts: ReadonlyMap<string, ControlTexts>
}

/** What Security Hub takes at most, in bytes: of one finding, and of one call. */
export const FINDING_BYTES = 240 * 1024
export const CALL_BYTES = 6 * 1024 * 1024
/** Findings of one call. */
export const CALL_FINDINGS = 100

const LIMITS = {
  title: 256,
  description: 1024,
  recommendation: 512,
  field: 2048,
  note: 1024,
  requirement: 64,
  requirements: 32,
}

const LABELS: Record<string, SeverityLabel> = {
  critical: 'CRITICAL',
  high: 'HIGH',
  medium: 'MEDIUM',
  low: 'LOW',
}

/** The ARN of the product that any account may import its own findings under. */
export function productArn(partition: string, account: string, region: string): string {
  return `arn:${partition}:securityhub:${region}:${account}:product/${account}/default`
}

/** A name that is cut short names nothing: what is too long is left out. */
function requirements(related: readonly string[]): string[] {
  return related.filter(({ length }) => length <= LIMITS.requirement).slice(0, LIMITS.requirements)
}

/**
 * One finding in the AWS Security Finding Format, within Security Hub's limits. What belongs to the customer (Note, Workflow,
 * VerificationState, UserDefinedFields) is never in it; severity and types are the provider's, which a customer may overrule.
 */
export function toAsff(row: FindingRow, context: FindingContext): AwsSecurityFinding {
  const control = context.texts.get(text(row.control_id))
  const { compliance } = row
  const id = text(row.control_id)
  const passed = compliance === 'PASSED'
  const title = control?.title ?? id
  const updated = moment(row.updated_at)
  return {
    SchemaVersion: '2018-10-08',
    Id: text(row.finding_id),
    ProductArn: productArn(context.partition, text(row.target_account), text(row.target_region)),
    ProductName: 'Strongroom',
    CompanyName: 'Strongroom',
    Region: text(row.target_region),
    GeneratorId: `strongroom/${id}`,
    AwsAccountId: text(row.target_account),
    FirstObservedAt: moment(row.first_observed_at),
    LastObservedAt: updated,
    CreatedAt: moment(row.first_observed_at),
    UpdatedAt: updated,
    Title: cut(title, LIMITS.title),
    Description: cut(describe(row, control), LIMITS.description),
    Remediation: {
      Recommendation: {
        Text: cut(control?.remediation ?? title, LIMITS.recommendation),
        ...only('Url', control?.url),
      },
    },
    ProductFields: productFields(row, context.runId),
    Resources: resources(row, context.partition),
    Compliance: {
      Status: passed ? 'PASSED' : compliance === 'NOT_AVAILABLE' ? 'NOT_AVAILABLE' : 'FAILED',
      SecurityControlId: `REL09BP02.${id}`,
      RelatedRequirements: requirements(control?.related ?? []),
      StatusReasons: [
        { ReasonCode: text(row.note_code), Description: cut(note(row), LIMITS.note) },
      ],
    },
    RecordState: row.record_state === 'ARCHIVED' ? 'ARCHIVED' : 'ACTIVE',
    FindingProviderFields: {
      Severity: {
        Label: passed ? 'INFORMATIONAL' : (LABELS[text(row.severity)] ?? 'MEDIUM'),
        Original: passed ? 'passed' : text(row.severity),
      },
      Types: ['Software and Configuration Checks/AWS Security Best Practices'],
    },
  }
}

function describe(row: FindingRow, control: ControlTexts | undefined): string {
  const where = row.region === 'global' ? `account ${text(row.account_id)}` : placeOf(row)
  const judged = Number(row.judged ?? 1)
  const many =
    row.granularity !== 'resource' && judged > 0
      ? `${Number(row.failed ?? 0)} of ${judged} judged here fail. `
      : ''
  return `${many}${text(row.reason)} (${where}). ${control?.rationale ?? ''}`
}

function placeOf(row: FindingRow): string {
  return `account ${text(row.account_id)}, ${text(row.region)}`
}

function note(row: FindingRow): string {
  const said = text(row.note)
  return said === '' ? text(row.note_code) : said
}

function productFields(row: FindingRow, runId: string): Record<string, string> {
  const fields = {
    'strongroom/run_id': runId,
    'strongroom/control_id': text(row.control_id),
    'strongroom/account_id': text(row.account_id),
    'strongroom/region': text(row.region),
    'strongroom/resource_arn': text(row.resource_arn),
    'strongroom/related_arn': text(row.related_arn),
    'strongroom/granularity': text(row.granularity),
    'strongroom/judged': text(row.judged),
    'strongroom/failed': text(row.failed),
  }
  const said = Object.entries(fields).filter(([, value]) => value.trim() !== '')
  return Object.fromEntries(said.map(([name, value]) => [name, cut(value, LIMITS.field)]))
}

function resources(row: FindingRow, partition: string): AwsSecurityFinding['Resources'] {
  const region = text(row.region)
  const type = row.resource_type === null ? null : text(row.resource_type)
  const sampleType = row.sample_type === null ? null : text(row.sample_type)
  const samples = text(row.samples)
    .split('\n')
    .filter((arn) => arn.trim() !== '')
  return [
    resourceOf({ arn: text(row.resource_arn), type, region, partition }),
    ...samples.map((arn) => resourceOf({ arn, type: sampleType, region, partition })),
  ]
}

/** Cut to a number of characters, whole ones: half of a pair would be no text. */
function cut(value: string, length: number): string {
  const trimmed = value.trim()
  if (trimmed.length <= length) return trimmed
  return `${trimmed.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

function text(value: Value | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}

function moment(value: Value | undefined): string {
  return value instanceof Date ? value.toISOString() : text(value)
}
