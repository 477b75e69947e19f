import { type Answer, slicesThatCount } from '../collect/answer.ts'
import { listAnswers } from '../collect/run-answers.ts'
import type { Config } from '../config/schema.ts'
import { deriveOnce, isDerived, sharedSlices } from '../derive/derive-accounts.ts'
import { organizationOf } from '../derive/organization.ts'
import type { Lake } from '../lake/lake.ts'
import { countSlice, type Staged } from '../lake/staged.ts'
import type { StoredRow } from '../lake/table.ts'
import { rowsOfAnswers, rowsOfGaps } from '../reconcile.ts'
import type { Run } from '../run.ts'
import { requestedSources, type Sources } from '../sources.ts'
import { stageChange, type TableChange } from './change.ts'
import type { Overlay } from './overlay.ts'

/** A finished run, and what of it changes. */
export interface ChangedRun {
  run: Run
  config: Config
  sources: Sources
  /** The lake that the run is in; it is only read. */
  below: Lake
  overlay: Overlay
  changes: readonly TableChange[]
  clock: () => Date
}

/** What was read and derived anew. */
export interface DerivedAgain {
  /** Objects of the tables that were derived. */
  staged: Staged
  /** What the run says of the collectors that changed and of what was derived. */
  answers: StoredRow[]
  /** What is missing of the tables that were derived. */
  gaps: StoredRow[]
}

/** Stages the changed tables, and computes the derived ones that read one of them anew: account by account, since a run's answers do not fit into memory. */
export async function deriveAgain(options: ChangedRun): Promise<DerivedAgain> {
  const { run, config, sources, overlay, clock } = options
  const derivations = affected(options)
  const collectors = new Set(
    options.changes.map(({ table }) => collectorOf(table, sources).collector),
  )
  const answers = await listAnswers(options.below, run.run_id)
  const collected = async (account: string): Promise<Answer[]> => {
    const own = (await answers.of(account)).filter(({ unit }) => !isDerived(unit))
    await stageChanges(own, options)
    return own
  }
  const caller = run.discovery.caller_account_id
  const asked = await collected(caller)
  const deriving = {
    shared: sharedSlices(asked, sources.all),
    runId: run.run_id,
    asOf: new Date(run.as_of),
    partition: run.discovery.partition,
    regions: run.discovery.regions,
    config,
    organization: organizationOf(run.discovery),
    lake: overlay.lake,
    collectors: sources.all,
    derivations,
    pass: 1,
    clock,
  }
  const again: DerivedAgain = { staged: new Map(), answers: [], gaps: [] }
  for (const account of answers.accounts) {
    const own = account === caller ? asked : await collected(account)
    const derived = await deriveOnce(account, own, deriving)
    const all = derived ? [...own, derived] : own
    const slices = slicesThatCount(all)
    const replaced = slices.filter(
      ({ collector }) => collectors.has(collector) || derivations.has(collector),
    )
    const ofDerived = slices.filter(({ collector }) => derivations.has(collector))
    for (const row of rowsOfAnswers(all, replaced, sources.all)) again.answers.push(row)
    for (const row of rowsOfGaps(ofDerived)) again.gaps.push(row)
    for (const slice of ofDerived) countSlice(again.staged, slice)
  }
  return again
}

async function stageChanges(
  answers: Answer[],
  { changes, overlay, sources }: ChangedRun,
): Promise<void> {
  for (const change of changes) {
    await stageChange(change, { answers, overlay, ...collectorOf(change.table, sources) })
  }
}

/** The collector that fills a table, and how the table is declared. */
export function collectorOf(table: string, { collectors }: Sources) {
  for (const [collector, { tables }] of collectors) {
    const declared = tables[table]
    if (declared) return { collector, declared }
  }
  throw new Error(`no collector fills ${table}`)
}

/** The derivations that read a changed table. */
export function affected({ config, sources, changes }: ChangedRun): Sources['derivations'] {
  const changed = new Set(changes.map(({ table }) => table))
  const { derivations } = requestedSources(sources, config)
  return new Map(
    [...derivations].filter(([, { reads }]) => reads.some((name) => changed.has(name))),
  )
}
