import { collectOne } from '../lib/pipeline/collect-one.ts'
import type { CollectEvent } from '../lib/pipeline/payloads.ts'
import { door } from './door.ts'

/** Reads one account. */
export const handler = door('collect', (event: CollectEvent, tools) => collectOne(event, tools))
