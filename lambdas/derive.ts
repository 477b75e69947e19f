import { deriveOne } from '../lib/pipeline/derive-one.ts'
import type { DeriveEvent } from '../lib/pipeline/payloads.ts'
import { door } from './door.ts'

/** Derives one account's tables from what was read of it. */
export const handler = door('derive', (event: DeriveEvent, { lake, clock }) =>
  deriveOne(event, { lake, clock }),
)
