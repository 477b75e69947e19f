import { ENVIRONMENT, requireEnvironment } from '../lib/pipeline/environment.ts'
import type { RunEvent } from '../lib/pipeline/payloads.ts'
import { renderCarry } from '../lib/pipeline/render-run.ts'
import { stageRun } from '../lib/pipeline/stage-run.ts'
import { door } from './door.ts'

/** Stages what the run knows of itself, so that Athena can compact it. */
export const handler = door('compact', async ({ run_id }: RunEvent, { lake, engine }) => {
  const staged = await stageRun(lake, run_id)
  const database = requireEnvironment(ENVIRONMENT.database)
  await renderCarry(run_id, { lake, engine: await engine(), database })
  return staged
})
