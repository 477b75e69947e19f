import { closePass } from '../lib/pipeline/close-pass.ts'
import type { RunState } from '../lib/pipeline/payloads.ts'
import { door } from './door.ts'

/** Closes a pass, and plans another one over what is unfinished. */
export const handler = door('reconcile', (event: RunState, { lake }) => closePass(event, { lake }))
