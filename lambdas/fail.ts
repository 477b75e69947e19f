import { failRun } from '../lib/pipeline/fail-run.ts'
import type { FailEvent } from '../lib/pipeline/payloads.ts'
import { door } from './door.ts'

/** Leaves a truthful account of a run that failed. */
export const handler = door('fail', (event: FailEvent, { lake, clock }) =>
  failRun(event, { lake, clock }),
)
