import type { AwsSecurityFinding, ImportFindingsError } from '@aws-sdk/client-securityhub'
import { problemsOf } from './asff-rules.ts'
import { type CellState, serviceState } from './state.ts'

/** What one Security Hub holds. */
export interface HubState {
  /** Undefined: switched off. */
  subscribedAt: Date | undefined
  /** By product ARN and id. */
  findings: Map<string, HeldFinding>
  /** Imports that came too late (`UpdatedAt` not later than what is held), and so changed nothing. */
  ignored: number
  /** For tests: what it answers as failed, though nothing is wrong with it. */
  refuse: ((finding: AwsSecurityFinding) => string | undefined) | undefined
}

export interface HeldFinding {
  finding: AwsSecurityFinding
  processedAt: Date
}

/** The hub of a cell; off until it is switched on. */
export const hubOf: (cell: CellState) => HubState = serviceState('securityhub', () => ({
  subscribedAt: undefined,
  findings: new Map(),
  ignored: 0,
  refuse: undefined,
}))

const DAY_MS = 86_400_000
const KEPT_DAYS = { ACTIVE: 90, ARCHIVED: 30 } as const
const LARGEST = 240 * 1024

/** Switches a hub on. It begins empty. */
export function switchOn(hub: HubState, now: Date): void {
  hub.subscribedAt = now
}

/** Switches a hub off: what it held is gone. */
export function switchOff(hub: HubState): void {
  hub.subscribedAt = undefined
  hub.findings.clear()
}

/** What the hub holds now: findings that nobody updated for long enough are forgotten. */
export function heldNow(hub: HubState, now: Date): HeldFinding[] {
  for (const [key, { finding, processedAt }] of hub.findings) {
    const days = KEPT_DAYS[finding.RecordState ?? 'ACTIVE']
    const since = Math.max(processedAt.getTime(), Date.parse(finding.UpdatedAt ?? ''))
    if (now.getTime() - since >= days * DAY_MS) hub.findings.delete(key)
  }
  return [...hub.findings.values()]
}

/** Imports findings as Security Hub does, and answers those that failed. */
export function importInto(
  hub: HubState,
  findings: AwsSecurityFinding[],
  now: Date,
): ImportFindingsError[] {
  heldNow(hub, now)
  const failed: ImportFindingsError[] = []
  const seen = new Set<string>()
  for (const finding of findings) {
    const error = errorOf(hub, finding)
    if (error !== undefined) {
      failed.push({ Id: finding.Id ?? '', ...error })
      continue
    }
    const key = `${finding.ProductArn} ${finding.Id}`
    // Of two with one id in a call only the first counts.
    if (!seen.has(key)) take(hub, key, finding, now)
    seen.add(key)
  }
  return failed
}

function errorOf(
  hub: HubState,
  finding: AwsSecurityFinding,
): Omit<ImportFindingsError, 'Id'> | undefined {
  if (hub.subscribedAt === undefined) {
    const ErrorMessage = `Account ${finding.AwsAccountId} is not subscribed to AWS Security Hub`
    return { ErrorCode: 'InvalidAccess', ErrorMessage }
  }
  const planted = hub.refuse?.(finding)
  if (planted !== undefined) return { ErrorCode: planted, ErrorMessage: 'Try again later.' }
  const problems = problemsOf(finding)
  if (Buffer.byteLength(JSON.stringify(finding)) > LARGEST) problems.push('larger than 240 KB')
  if (problems.length === 0) return undefined
  return { ErrorCode: 'InvalidInput', ErrorMessage: problems.join('; ') }
}

function take(hub: HubState, key: string, given: AwsSecurityFinding, now: Date): void {
  const held = hub.findings.get(key)?.finding
  if (held && Date.parse(given.UpdatedAt ?? '') <= Date.parse(held.UpdatedAt ?? '')) {
    hub.ignored += 1
    return
  }
  hub.findings.set(key, { finding: merged(held, given, now), processedAt: now })
}

/** An update replaces what is the provider's and leaves what is the customer's. */
function merged(
  held: AwsSecurityFinding | undefined,
  given: AwsSecurityFinding,
  now: Date,
): AwsSecurityFinding {
  const { Note: _, UserDefinedFields: __, VerificationState: ___, Workflow: ____, ...own } = given
  const provided = given.FindingProviderFields
  const Severity = held?.Severity ?? provided?.Severity ?? given.Severity
  const changed = held !== undefined && JSON.stringify(held.FindingProviderFields?.Severity)
  const overruled = changed && JSON.stringify(held?.Severity) !== changed
  return {
    ...own,
    RecordState: given.RecordState ?? 'ACTIVE',
    Severity: overruled ? Severity : (provided?.Severity ?? given.Severity),
    Types: provided?.Types ?? given.Types,
    CreatedAt: held?.CreatedAt ?? given.CreatedAt,
    ProcessedAt: now.toISOString(),
    Workflow: workflow(held, given),
    VerificationState: held?.VerificationState ?? given.VerificationState,
    ...kept('Note', held?.Note ?? given.Note),
    ...kept('UserDefinedFields', held?.UserDefinedFields ?? given.UserDefinedFields),
  }
}

/** What was settled is new again when the finding comes back; what is suppressed stays so. */
function workflow(
  held: AwsSecurityFinding | undefined,
  given: AwsSecurityFinding,
): AwsSecurityFinding['Workflow'] {
  const before = held?.Workflow?.Status
  if (held === undefined || before === undefined) return given.Workflow ?? { Status: 'NEW' }
  const reopened = held.RecordState === 'ARCHIVED' && given.RecordState !== 'ARCHIVED'
  const broken = held.Compliance?.Status === 'PASSED' && given.Compliance?.Status !== 'PASSED'
  const settled = before === 'NOTIFIED' || before === 'RESOLVED'
  return { Status: settled && (reopened || broken) ? 'NEW' : before }
}

function kept<Name extends string, Value>(name: Name, value: Value | undefined) {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value }
}
