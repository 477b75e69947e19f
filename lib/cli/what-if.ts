import { openFinishedRun } from '../ask/finished-run.ts'
import { renderWhatIf } from '../report/what-if-text.ts'
import { UsageError } from '../usage-error.ts'
import { readProposal } from '../what-if/proposal.ts'
import { whatIf } from '../what-if/what-if.ts'
import { chosenRun } from './newest-run.ts'
import type { ExitCode, Output } from './output.ts'

export interface WhatIfFlags {
  /** File of a service control policy. */
  scp?: string
  /** File of an access policy of vaults. */
  vaultPolicy?: string
  /** Where it would be put; everywhere when undefined. */
  target?: string[]
  lake: string
  run?: string
  json: boolean
}

/** `strongroom what-if`: what a run would find if a policy were in place. */
export async function runWhatIf(
  flags: WhatIfFlags,
  output: Output,
  { clock }: { clock: () => Date },
): Promise<ExitCode> {
  const { scp, vaultPolicy, target: targets = [], lake } = flags
  if ((scp === undefined) === (vaultPolicy === undefined))
    throw new UsageError('give one policy: --scp FILE or --vault-policy FILE')
  const proposal = scp
    ? await readProposal('scp', scp)
    : await readProposal('vault_policy', String(vaultPolicy))
  const run = await openFinishedRun(lake, await chosenRun(flags))
  try {
    const answer = await whatIf(run, { lake, proposal, targets, clock })
    output.print(
      flags.json ? `${JSON.stringify(answer, undefined, 2)}\n` : renderWhatIf(answer, output),
    )
    return 0
  } finally {
    run.close()
  }
}
