import { PASSES } from '../collect/passes.ts'
import { deriveAccounts } from '../derive/derive-accounts.ts'
import { organizationOf } from '../derive/organization.ts'
import type { Lake } from '../lake/lake.ts'
import { organizationUnit } from '../plan.ts'
import { loadSources, requestedSources } from '../sources.ts'
import type { DeriveEvent } from './payloads.ts'
import { answersOf, openRun, unitsOf } from './run-files.ts'

/** Derives the tables of one account from what its workers staged. The first answer for an account counts. */
export async function deriveOne(
  { run_id, account_id }: DeriveEvent,
  { lake, clock }: { lake: Lake; clock: () => Date },
): Promise<{ account_id: string; slices: number }> {
  const stored = await openRun(lake, run_id)
  const { run, config } = stored
  const sources = await loadSources()
  const units = [...(await unitsOf(stored)).values()].filter(
    ({ unit, account_id: of }) =>
      of === account_id || unit === organizationUnit(run.discovery.caller_account_id),
  )
  const answers = await Promise.all(
    units.map(({ unit }) => answersOf(lake, run_id, { unit, pass: PASSES })),
  )
  const derived = await deriveAccounts(answers.flat(), {
    runId: run_id,
    asOf: new Date(run.as_of),
    partition: run.discovery.partition,
    regions: run.discovery.regions,
    config,
    organization: organizationOf(run.discovery),
    lake,
    collectors: sources.all,
    derivations: requestedSources(sources, config).derivations,
    clock,
  })
  return { account_id, slices: derived.reduce((sum, { slices }) => sum + slices.length, 0) }
}
