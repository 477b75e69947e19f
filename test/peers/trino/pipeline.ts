import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import type { AwsSettings, Session } from '../../../lib/aws/session.ts'
import { conclude } from '../../../lib/conclude.ts'
import type { Config } from '../../../lib/config/schema.ts'
import { type Lake, openLake } from '../../../lib/lake/lake.ts'
import { beginRun } from '../../../lib/pipeline/begin-run.ts'
import { closePass } from '../../../lib/pipeline/close-pass.ts'
import { collectOne } from '../../../lib/pipeline/collect-one.ts'
import { deriveOne } from '../../../lib/pipeline/derive-one.ts'
import {
  type Completed,
  PHASES,
  type Phase,
  type PlannedQuery,
  type PlannedStatement,
  type PlannedUnit,
} from '../../../lib/pipeline/payloads.ts'
import { renderCarry, renderRun } from '../../../lib/pipeline/render-run.ts'
import { reportRun } from '../../../lib/pipeline/report-run.ts'
import { openRun, readLines, runFiles } from '../../../lib/pipeline/run-files.ts'
import { stageRun } from '../../../lib/pipeline/stage-run.ts'
import { temporaryFolder } from '../../support/simulated.ts'
import { runOnTrino } from './athena-statements.ts'
import type { Trino } from './engine.ts'

/** Statements of a phase that run at once; the state machine lets Athena have more. */
const AT_ONCE = 4

export interface PipelineOptions {
  lake: Lake
  config: Config
  aws: AwsSettings
  caller: Session
  trino: Trino
  database: string
  /** The name under which every statement's rows are written. */
  attempt: string
}

/** Collects a run into the lake by the pipeline's own steps, up to where Athena takes over. */
export async function collectRun(options: PipelineOptions): Promise<string> {
  const { lake, aws } = options
  const started_at = aws.clock().toISOString()
  let state = await beginRun({ execution: 'peer', started_at, input: {} }, options)
  const { run_id } = state
  const deadline = new AbortController().signal
  const accounts = new Set<string>()
  while (state.open > 0 && state.pass <= 3) {
    for (const unit of await readLines<PlannedUnit>(lake, state.units_key)) {
      accounts.add(unit.account_id)
      const folder = await temporaryFolder()
      await collectOne({ run_id, unit }, { ...options, deadline, folder })
    }
    state = await closePass(state, { lake })
  }
  for (const account_id of accounts)
    await deriveOne({ run_id, account_id }, { lake, clock: aws.clock })
  await stageRun(lake, run_id)
  return run_id
}

/** Makes of what a run staged a lake of its own, as the command line does, and answers its folder. */
export async function concludeLocally(
  runId: string,
  { folder, clock, region }: { folder: string; clock: () => Date; region: string },
): Promise<string> {
  const lake = openLake(folder)
  const stored = await openRun(lake, runId)
  const local = await temporaryFolder()
  await cp(lake.path('staging'), join(local, 'staging'), { recursive: true })
  // What was derived is derived again.
  const answers = `runs/${runId}/answers`
  const filter = (name: string) => !/-derive-\d+\.json$/.test(name)
  await cp(lake.path(answers), join(local, answers), { recursive: true, filter })
  await conclude(stored.run, {
    config: stored.config,
    lake: local,
    clock,
    homeRegion: region,
  })
  return local
}

/** Gives the statements of a collected run to Trino, phase by phase as the state machine gives them to Athena. */
export async function concludeRun(run_id: string, options: PipelineOptions): Promise<Completed> {
  const { lake, trino: engine, database, aws } = options
  await renderCarry(run_id, { lake, engine, database })
  await runPhase(run_id, 'carry', options)
  await renderRun(run_id, { lake, engine, database })
  for (const phase of PHASES.filter((name) => name !== 'carry')) {
    await runPhase(run_id, phase, options)
  }
  return reportRun(run_id, {
    lake,
    engine,
    clock: aws.clock,
    folder: await temporaryFolder(),
    measure: () => undefined,
  })
}

async function runPhase(runId: string, phase: Phase, options: PipelineOptions): Promise<void> {
  const { trino, database } = options
  await together(await plannedIn(runId, phase, options), async ({ statements }) => {
    for (const sql of statements) await runOnTrino(trino, database, sql)
  })
}

/** What the state machine gives to Athena in a phase: by name, one statement after the other. */
export async function plannedIn(
  runId: string,
  phase: Phase,
  { lake, attempt }: Pick<PipelineOptions, 'lake' | 'attempt'>,
): Promise<{ name: string; statements: string[] }[]> {
  const lines = await readLines<PlannedQuery | PlannedStatement>(
    lake,
    runFiles.queries(runId, phase),
  )
  return lines.map((line) => ({ name: line.name, statements: statementsOf(line, attempt) }))
}

/** Does the work for each, a few at a time: most of a small statement's time is waiting. */
export async function together<T>(items: T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const limit = pLimit(AT_ONCE)
  await Promise.all(items.map((item) => limit(() => work(item))))
}

function statementsOf(line: PlannedQuery | PlannedStatement, attempt: string): string[] {
  if ('sql' in line) return [line.sql]
  return [line.unload, line.register].map(({ before, after }) => `${before}${attempt}${after}`)
}
