import type { FinishedRun } from '../ask/finished-run.ts'
import { openLake } from '../lake/lake.ts'
import { ownVersion } from '../plan.ts'
import { readConfig } from '../run.ts'
import { lakeTables, loadSources } from '../sources.ts'
import { UsageError } from '../usage-error.ts'
import { changesOfScp, changesOfVaultPolicy, type TableChange } from './change.ts'
import { type Comparison, compareRuns } from './compare.ts'
import { judgeChanged } from './judge.ts'
import { openOverlay } from './overlay.ts'
import type { Proposal } from './proposal.ts'
import { scpTargets, vaultTargets } from './targets.ts'

export interface WhatIf extends Comparison {
  run_id: string
  as_of: string
  policy: Proposal['kind']
  file: string
  /** The root, OUs, accounts or vaults that it would be put on. */
  targets: string[]
  notes: string[]
}

export interface WhatIfOptions {
  lake: string
  proposal: Proposal
  /** Where the policy would be put; everywhere where none is named. */
  targets: readonly string[]
  clock: () => Date
}

/**
 * What a run would find if a policy were in place: its derived tables and judgements are computed again from what it had staged, in a
 * temporary folder. The lake is only read.
 * @throws UsageError where the run was made by another version, kept no configuration or no staging, or knows no such target
 */
export async function whatIf(run: FinishedRun, options: WhatIfOptions): Promise<WhatIf> {
  const { proposal, clock } = options
  await refuseOtherVersion(run)
  const below = openLake(options.lake)
  const config = await readConfig(below, run.run)
  const { changes, targets } = await changesOf(run, options)
  const sources = await loadSources()
  const tables = lakeTables(sources)
  const overlay = await openOverlay(below, run.run.run_id, Object.keys(tables))
  try {
    await judgeChanged({ run: run.run, config, sources, below, overlay, changes, clock })
    const at = { before: below.root, after: overlay.lake.root }
    const comparison = await compareRuns(at, { runId: run.run.run_id, tables })
    return {
      run_id: run.run.run_id,
      as_of: run.run.as_of,
      policy: proposal.kind,
      file: proposal.name,
      targets,
      ...comparison,
      notes: notesOf(run, proposal, targets),
    }
  } finally {
    await overlay.remove()
  }
}

/** Both sides must be judged by the same SQL. */
async function refuseOtherVersion({ run }: FinishedRun): Promise<void> {
  const version = await ownVersion()
  if (run.version === version) return
  throw new UsageError(
    `the run was made by version ${run.version}, this is ${version}: they may judge differently; audit again first`,
  )
}

async function changesOf(
  run: FinishedRun,
  { proposal, targets: named }: WhatIfOptions,
): Promise<{ changes: TableChange[]; targets: string[] }> {
  if (proposal.kind === 'scp') {
    const targets = scpTargets(run, named)
    return { targets, changes: await changesOfScp(run, proposal, targets) }
  }
  const vaults = await vaultTargets(run, named)
  return {
    targets: vaults.map(({ arn }) => arn),
    changes: changesOfVaultPolicy(run, proposal, vaults),
  }
}

function notesOf(
  { run, organization }: FinishedRun,
  { kind }: Proposal,
  targets: readonly string[],
) {
  if (kind === 'vault_policy') return ['the policy takes the place of the one that each vault has']
  const management = organization.managementAccount
  const alone = targets.every((target) => target === management)
  return [
    alone
      ? 'nothing can change: service control policies do not bind the management account'
      : 'the policy comes on top of those in place; the management account and service-linked roles are not bound by it',
    ...(run.scope_complete ? [] : ['the run covers only a part of the organization']),
  ]
}
