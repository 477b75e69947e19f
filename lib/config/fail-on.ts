import { z } from 'zod'
import { reaches, type Severity, severities } from './severities.ts'

/** What controls are grouped by; a test holds the list to the controls that there are. */
export const families = [
  ...['access', 'detection', 'encryption', 'guardrails', 'immutability', 'keys'],
  ...['recoverability', 'separation', 'sharing', 'source'],
]

/** Stands in a map of thresholds for the families that it does not name. */
const OTHERS = 'all'

const severity = z.enum(severities)

/**
 * From which severity on a failing finding makes a command end with 1: one severity for every family, or one for each; `all` stands
 * for the families that are not named.
 */
export const failOn = z.union([
  z.enum(severities, { error: ({ input }) => explain(input) }),
  z
    .record(z.string(), severity)
    .meta({ propertyNames: { enum: [OTHERS, ...families] } })
    .refine((given) => !Object.keys(given).some(isStrange), { abort: true }),
])

export type FailOn = z.output<typeof failOn>

/** What failed: findings of one control, or one finding. */
export interface Failure {
  family: string
  severity: string
  fail: number
}

/** A family whose threshold was met, and how many findings fail at it or above. */
export interface Met {
  family: string
  threshold: Severity
  fail: number
}

/** The families whose thresholds are met by what fails, in the order of their names; none where none is set. */
export function thresholdsMet(failOn: FailOn | undefined, failures: Failure[]): Met[] {
  if (failOn === undefined) return []
  const met = new Map<string, Met>()
  for (const { family, severity, fail } of failures) {
    const threshold = thresholdOf(failOn, family)
    if (fail === 0 || threshold === undefined || !reaches(severity, threshold)) continue
    met.set(family, { family, threshold, fail: fail + (met.get(family)?.fail ?? 0) })
  }
  return [...met.values()].sort((a, b) => (a.family < b.family ? -1 : 1))
}

/** A family's own threshold comes before the one for all. */
function thresholdOf(failOn: FailOn, family: string): Severity | undefined {
  return typeof failOn === 'string' ? failOn : (failOn[family] ?? failOn[OTHERS])
}

/**
 * Puts one more threshold, as a flag says it (`high`, or `encryption=low`), to those before.
 * @throws Error that says what there is, where it is none
 */
export function withThreshold(text: string, before: FailOn | undefined): FailOn {
  const at = text.indexOf('=')
  const [family, of] = at === -1 ? [OTHERS, text] : [text.slice(0, at), text.slice(at + 1)]
  const checked = failOn.safeParse({ [family]: of })
  if (!checked.success) throw new Error(explain({ [family]: of }))
  return Object.assign({}, before, checked.data)
}

/** What is wrong with thresholds, and what there is instead. */
function explain(input: unknown): string {
  const given = typeof input === 'object' && input !== null ? input : { [OTHERS]: input }
  const stranger = Object.keys(given).find(isStrange)
  if (stranger !== undefined) {
    return `there is no family ${JSON.stringify(stranger)}; there are ${families.join(', ')}`
  }
  const wrong = Object.values(given).find((of) => !severity.safeParse(of).success)
  return `${JSON.stringify(wrong)} is no severity; there are ${severities.join(', ')}`
}

function isStrange(name: string): boolean {
  return name !== OTHERS && !families.includes(name)
}
