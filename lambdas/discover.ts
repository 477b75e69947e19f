import { beginRun } from '../lib/pipeline/begin-run.ts'
import type { DiscoverEvent } from '../lib/pipeline/payloads.ts'
import { door } from './door.ts'

/** Names the run, finds out what it covers and plans its first pass. */
export const handler = door('discover', async (event: DiscoverEvent, tools) => {
  const { lake, aws, caller } = tools
  return beginRun(event, { lake, aws, caller, config: await tools.config() })
})
