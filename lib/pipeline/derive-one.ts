import { PASSES } from '../collect/passes.ts'
import { deriveOnce, sharedSlices } from '../derive/derive-accounts.ts'
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
  const read = units.map(({ unit }) => answersOf(lake, run_id, { unit, pass: PASSES }))
  const answers = (await Promise.all(read)).flat()
  const own = answers.filter((answer) => answer.account_id === account_id)
  const derived = await deriveOnce(account_id, own, {
    shared: sharedSlices(answers, sources.all),
    runId: run_id,
    asOf: new Date(run.as_of),
    partition: run.discovery.partition,
    regions: run.discovery.regions,
    config,
    organization: organizationOf(run.discovery),
    lake,
    collectors: sources.all,
    derivations: requestedSources(sources, config).derivations,
    pass: 1,
    clock,
  })
  return { account_id, slices: derived?.slices.length ?? 0 }
}
