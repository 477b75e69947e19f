import { openFinishedRun } from '../ask/finished-run.ts'
import { suggest } from '../ask/suggest.ts'
import { whoCan } from '../ask/who-can.ts'
import { type PowerName, powers } from '../policy/powers.ts'
import { renderWhoCan } from '../report/who-can-text.ts'
import { UsageError } from '../usage-error.ts'
import { chosenRun } from './newest-run.ts'
import type { ExitCode, Output } from './output.ts'

export interface WhoCanFlags {
  /** As the command line names it: `destroy-backups`. */
  power: string
  account?: string
  resource?: string
  lake: string
  run?: string
  json: boolean
}

/** The powers by the names that the command line has for them. */
export const powerNames: readonly string[] = [
  ...new Set(powers.map(({ power }) => power.replaceAll('_', '-'))),
]

/** `strongroom who-can`: who holds a power, and how one becomes who holds it. */
export async function runWhoCan(flags: WhoCanFlags, output: Output): Promise<ExitCode> {
  const { account, resource } = flags
  const power = powerOf(flags.power)
  const run = await openFinishedRun(flags.lake, await chosenRun(flags))
  try {
    const answer = await whoCan(run, { power, account, resource })
    output.print(
      flags.json ? `${JSON.stringify(answer, undefined, 2)}\n` : renderWhoCan(answer, output),
    )
    return 0
  } finally {
    run.close()
  }
}

function powerOf(name: string): PowerName {
  const found = powers.find(({ power }) => power.replaceAll('_', '-') === name)
  if (found) return found.power
  const [near] = suggest(name, powerNames, 1)
  throw new UsageError(
    `there is no power ${JSON.stringify(name)}; did you mean ${near}? There are ${powerNames.join(', ')}`,
  )
}
