import { createHash } from 'node:crypto'
import type { Control } from '../engine/controls.ts'

/** What findings of a control say besides the judgement itself. */
export interface ControlTexts {
  id: string
  title: string
  granularity: Control['granularity']
  spans: Control['spans']
  rationale: string
  remediation: string
  url: string
  related: string[]
  /** Changes with any of them: findings are then sent anew. */
  hash: string
}

/** Says which accounts and cells could not be read: the judgement is coverage, not a control's. */
export const UNREAD_CONTROL = 'cells-can-be-read'

const PRACTICE =
  'https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_backing_up_data_secured_backups_data.html'

/** NIST SP 800-53 revision 5, by family of controls: CP-9 is system backup, CP-9(8) its cryptographic protection. */
const NIST: Record<string, string[]> = {
  encryption: ['CP-9(8)', 'SC-28', 'SC-28(1)'],
  source: ['SC-28', 'SC-28(1)'],
  keys: ['CP-9(8)', 'SC-12'],
  access: ['CP-9', 'AC-3', 'AC-6'],
  sharing: ['CP-9', 'AC-3', 'AC-21'],
  immutability: ['CP-9', 'CP-9(8)', 'SI-7'],
  separation: ['CP-9', 'AC-5', 'AC-6'],
  recoverability: ['CP-9(1)', 'CP-10'],
  detection: ['AU-6', 'SI-4'],
  guardrails: ['AC-3', 'CM-6'],
}

/** The texts of every control, and of the judgement that a cell could be read. */
export function textsOf(controls: readonly Control[]): ControlTexts[] {
  const texts = controls.map((control) => {
    const { id, title, granularity, spans, rationale, remediation, references } = control
    const nist = (NIST[control.family] ?? ['CP-9']).map((one) => `NIST.800-53.r5 ${one}`)
    const mapped = references.filter((one) => !one.startsWith('https://'))
    const url = references.find((one) => one.startsWith('https://')) ?? PRACTICE
    const related = [`AWS Well-Architected ${control.requirement}`, ...nist, ...mapped]
    return { id, title, granularity, spans, rationale, remediation, url, related }
  })
  return [...texts, unread].map((each) => ({ ...each, hash: hashOf(each) }))
}

const unread: Omit<ControlTexts, 'hash'> = {
  id: UNREAD_CONTROL,
  title: 'Accounts and Regions can be read by the audit of backups',
  granularity: 'resource',
  spans: undefined,
  rationale: 'What could not be read is unknown, and never reported as fine.',
  remediation:
    'Deploy the audit’s role to the account, or let the policy that denied the calls pass them; the cause is named.',
  url: PRACTICE,
  related: ['AWS Well-Architected REL09-BP02', 'NIST.800-53.r5 CP-9'],
}

function hashOf(texts: object): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 12)
}
