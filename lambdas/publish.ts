import type { RunEvent } from '../lib/pipeline/payloads.ts'
import { publishOne } from '../lib/pipeline/publish-run.ts'
import { keepHeapSmall } from '../lib/small-heap.ts'
import { door } from './door.ts'

/** Tells Security Hub what the run changed. */
export const handler = door('publish', async ({ run_id }: RunEvent, tools) => {
  keepHeapSmall(20)
  return publishOne(run_id, { ...tools, engine: await tools.engine() })
})
