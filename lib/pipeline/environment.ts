/** Names of the environment variables that the constructs set and the Lambdas read. */
export const ENVIRONMENT = {
  lake: 'STRONGROOM_LAKE',
  database: 'STRONGROOM_DATABASE',
  workgroup: 'STRONGROOM_WORKGROUP',
} as const

/** The namespace of the metrics. */
export const NAMESPACE = 'Strongroom'

/** Metrics that the report and the publication write; the alarms look at them. */
export const METRICS = {
  coverage: 'Coverage',
  score: 'Score',
  scoreDrop: 'ScoreDrop',
  failed: 'FailedFindings',
  unknown: 'UnknownFindings',
  throttles: 'ApiThrottles',
  published: 'PublishedFindings',
  unpublished: 'UnpublishedFindings',
} as const

/**
 * Reads a variable that must be there.
 * @throws Error naming the variable
 */
export function requireEnvironment(name: string, values = process.env): string {
  const value = values[name]
  if (value) return value
  throw new Error(`the environment variable ${name} is not set; the stack sets it`)
}
