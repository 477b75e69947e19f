import { ENVIRONMENT, requireEnvironment } from '../lib/pipeline/environment.ts'
import type { RunEvent } from '../lib/pipeline/payloads.ts'
import { renderRun } from '../lib/pipeline/render-run.ts'
import { door } from './door.ts'

/** Renders the statements of the run, which Athena is then given without a Lambda between. */
export const handler = door('render-queries', async ({ run_id }: RunEvent, { lake, engine }) => {
  const database = requireEnvironment(ENVIRONMENT.database)
  await renderRun(run_id, { lake, engine: await engine(), database })
  return { run_id }
})
