import { blastRadius } from '../ask/blast-radius.ts'
import { openFinishedRun } from '../ask/finished-run.ts'
import { renderBlastRadius } from '../report/blast-radius-text.ts'
import { chosenRun } from './newest-run.ts'
import type { ExitCode, Output } from './output.ts'

export interface BlastRadiusFlags {
  /** ARN of a user, a role, a session of one, or an account's root user. */
  principal: string
  lake: string
  run?: string
  json: boolean
}

/** `strongroom blast-radius`: what goes with a principal, should it fall, and what survives. */
export async function runBlastRadius(flags: BlastRadiusFlags, output: Output): Promise<ExitCode> {
  const run = await openFinishedRun(flags.lake, await chosenRun(flags))
  try {
    const answer = await blastRadius(run, flags.principal)
    output.print(
      flags.json ? `${JSON.stringify(answer, undefined, 2)}\n` : renderBlastRadius(answer, output),
    )
    return 0
  } finally {
    run.close()
  }
}
