export const severities = ['critical', 'high', 'medium', 'low'] as const

/** How much a failing control matters. */
export type Severity = (typeof severities)[number]

/** Whether a severity is as high as another, or higher. */
export function reaches(severity: string, threshold: Severity): boolean {
  const counted: readonly string[] = severities.slice(0, severities.indexOf(threshold) + 1)
  return counted.includes(severity)
}
