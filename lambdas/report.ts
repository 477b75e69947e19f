import type { RunEvent } from '../lib/pipeline/payloads.ts'
import { reportRun } from '../lib/pipeline/report-run.ts'
import { door } from './door.ts'

/** Writes the report, the metrics and the summary that the event carries. */
export const handler = door('report', async ({ run_id }: RunEvent, tools) =>
  reportRun(run_id, { ...tools, engine: await tools.engine() }),
)
