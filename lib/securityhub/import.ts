import type {
  AwsSecurityFinding,
  BatchImportFindingsCommandOutput,
} from '@aws-sdk/client-securityhub'
import { classifyError, describeError, errorName } from '../aws/causes.ts'
import { CALL_BYTES, CALL_FINDINGS, FINDING_BYTES } from './asff.ts'

/** What became of one finding. `unsure`: it may have arrived. */
export interface Outcome {
  outcome: 'accepted' | 'refused' | 'unsure'
  code: string | null
  message: string | null
  tries: number
}

export interface Importer {
  send(findings: AwsSecurityFinding[]): Promise<BatchImportFindingsCommandOutput>
  /** Waits between two tries. */
  wait(milliseconds: number): Promise<void>
}

/** How often a finding that Security Hub answers as failed is sent. */
const TRIES = 4
const BACKOFF_MS = 500
/** Answers that another try does not change. */
const FINAL = new Set(['InvalidAccess', 'InvalidAccessException', 'AccessDeniedException'])
const INVALID = new Set(['InvalidInputException', 'ValidationException', 'InvalidInput'])

/** Imports at most a call's worth of findings and says of each what became of it. */
export async function importFindings(
  findings: AwsSecurityFinding[],
  importer: Importer,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  let pending = findings
  for (let tries = 1; pending.length > 0; tries++) {
    if (tries > 1) await importer.wait(BACKOFF_MS * 2 ** (tries - 2))
    const failed = await importOnce(pending, importer, tries, outcomes)
    pending = tries < TRIES ? failed : []
  }
  return outcomes
}

/** Notes each finding's outcome and answers those that are worth another try. */
async function importOnce(
  findings: AwsSecurityFinding[],
  importer: Importer,
  tries: number,
  outcomes: Map<string, Outcome>,
): Promise<AwsSecurityFinding[]> {
  const note = (finding: AwsSecurityFinding, outcome: Omit<Outcome, 'tries'>) =>
    outcomes.set(finding.Id ?? '', { ...outcome, tries })
  try {
    const answer = await importer.send(findings)
    const errors = new Map((answer.FailedFindings ?? []).map((error) => [error.Id, error]))
    const counted = answer.FailedCount ?? errors.size
    for (const finding of findings) {
      const error = errors.get(finding.Id)
      if (error) {
        const { ErrorCode: code = null, ErrorMessage: message = null } = error
        note(finding, { outcome: 'refused', code, message })
      } else if (errors.size < counted) {
        const message = `${counted} failed, of which ${errors.size} were named`
        note(finding, { outcome: 'unsure', code: null, message })
      } else {
        note(finding, { outcome: 'accepted', code: null, message: null })
      }
    }
    return findings.filter(
      ({ Id }) => errors.has(Id) && !FINAL.has(errors.get(Id)?.ErrorCode ?? ''),
    )
  } catch (error) {
    return await whereCallFailed(error)
  }

  /** One bad finding can fail a whole call: halves find it, and the others get through. */
  async function whereCallFailed(error: unknown): Promise<AwsSecurityFinding[]> {
    const code = errorName(error)
    if (INVALID.has(code) && findings.length > 1) {
      const half = findings.length >> 1
      return [
        ...(await importOnce(findings.slice(0, half), importer, tries, outcomes)),
        ...(await importOnce(findings.slice(half), importer, tries, outcomes)),
      ]
    }
    const denied = classifyError(error).cause.startsWith('denied')
    const refused = INVALID.has(code) || FINAL.has(code) || denied
    for (const finding of findings) {
      note(finding, {
        outcome: refused ? 'refused' : 'unsure',
        code,
        message: describeError(error),
      })
    }
    return []
  }
}

/** Collects findings until a call is full. */
export function callFiller() {
  let findings: AwsSecurityFinding[] = []
  let bytes = 0
  return {
    /** Whether Security Hub takes a finding of this size at all. */
    fits: (size: number) => size <= FINDING_BYTES,
    isFull: (size: number) =>
      findings.length === CALL_FINDINGS || bytes + size > CALL_BYTES - FINDING_BYTES,
    add(finding: AwsSecurityFinding, size: number) {
      findings.push(finding)
      bytes += size
    },
    take() {
      const taken = findings
      findings = []
      bytes = 0
      return taken
    },
  }
}

/** Bytes of a finding as it is sent. */
export function sizeOf(finding: AwsSecurityFinding): number {
  return Buffer.byteLength(JSON.stringify(finding)) + 1
}
