/** The steps: each is a file of `lambdas/` and a function. */
export const STEPS = [
  'discover',
  'collect',
  'reconcile',
  'derive',
  'compact',
  'render-queries',
  'report',
  'publish',
  'fail',
] as const
export type Step = (typeof STEPS)[number]
