import type { BatchImportFindingsCommandOutput } from '@aws-sdk/client-securityhub'
import { classifyError, describeError, errorName } from '../aws/causes.ts'
import { CALL_BYTES, CALL_FINDINGS, FINDING_BYTES } from './asff.ts'
import { type BodyPart, CallBody } from './call-body.ts'

/** What became of one finding. `unsure`: it may have arrived. */
export interface Outcome {
  outcome: 'accepted' | 'refused' | 'unsure'
  code: string | null
  message: string | null
  tries: number
}

export interface Importer {
  send(findings: readonly BodyPart[]): Promise<BatchImportFindingsCommandOutput>
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
  findings: readonly BodyPart[],
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
  findings: readonly BodyPart[],
  importer: Importer,
  tries: number,
  outcomes: Map<string, Outcome>,
): Promise<readonly BodyPart[]> {
  const note = (finding: BodyPart, outcome: Omit<Outcome, 'tries'>) =>
    outcomes.set(finding.id, { ...outcome, tries })
  try {
    const answer = await importer.send(findings)
    const errors = new Map((answer.FailedFindings ?? []).map((error) => [error.Id, error]))
    const counted = answer.FailedCount ?? errors.size
    for (const finding of findings) {
      const error = errors.get(finding.id)
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
      ({ id }) => errors.has(id) && !FINAL.has(errors.get(id)?.ErrorCode ?? ''),
    )
  } catch (error) {
    return await whereCallFailed(error)
  }

  /** One bad finding can fail a whole call: halves find it, and the others get through. */
  async function whereCallFailed(error: unknown): Promise<readonly BodyPart[]> {
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
  const spare: CallBody[] = []
  let body = new CallBody()
  return {
    /** Whether Security Hub takes a finding of this size at all. */
    fits: (size: number) => size <= FINDING_BYTES,
    isFull: (size: number) =>
      body.parts.length === CALL_FINDINGS || body.bytes + size > CALL_BYTES - FINDING_BYTES,
    add(id: string, json: string, size: number) {
      body.add(id, json, size - 1)
    },
    take() {
      const taken = body
      body = spare.pop() ?? new CallBody()
      return taken
    },
    /** Takes back a body that nobody reads any longer. */
    giveBack(read: CallBody) {
      read.clear()
      spare.push(read)
    },
  }
}

/** Bytes of a finding's JSON as it is sent, with the sign that divides it from the next. */
export function sizeOf(json: string): number {
  return Buffer.byteLength(json) + 1
}
