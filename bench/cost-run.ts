import pLimit from 'p-limit'
import { type AwsSettings, callerSession, type Session } from '../lib/aws/session.ts'
import type { Config } from '../lib/config/schema.ts'
import { openDuckdb } from '../lib/engine/duckdb.ts'
import type { Lake } from '../lib/lake/lake.ts'
import { openS3Lake } from '../lib/lake/s3-lake.ts'
import { beginRun } from '../lib/pipeline/begin-run.ts'
import { closePass } from '../lib/pipeline/close-pass.ts'
import { collectOne } from '../lib/pipeline/collect-one.ts'
import { deriveOne } from '../lib/pipeline/derive-one.ts'
import { inspectKnown, knowStatements } from '../lib/pipeline/known-statements.ts'
import {
  PHASES,
  type Phase,
  type PlannedQuery,
  type PlannedStatement,
  type PlannedUnit,
} from '../lib/pipeline/payloads.ts'
import { renderCarry, renderRun } from '../lib/pipeline/render-run.ts'
import { reportRun } from '../lib/pipeline/report-run.ts'
import { readLines, runFiles } from '../lib/pipeline/run-files.ts'
import { stagedObjects, stageRun } from '../lib/pipeline/stage-run.ts'
import { loadTables } from '../lib/sources.ts'
import type { Step } from '../lib/stack/steps.ts'
import { startFakeS3 } from '../test/support/fake-s3.ts'
import { openLocalAthena } from '../test/support/local-athena.ts'
import { temporaryFolder } from '../test/support/simulated.ts'

/** What a run of the deployed pipeline took, counted while its steps ran here one behind another. */
export interface CountedRun {
  /** Invocations of each function, and the seconds that they took together. */
  steps: Partial<Record<Step, CountedStep>>
  slices: number
  calls: number
  rows: number
  /** Bytes that are kept, by folder: staging is swept away after a week. */
  stored: Record<string, number>
  statements: {
    /** Of each that reads: bytes and objects of all the tables that it names. Columns that it does not need are among them. */
    reading: { bytes: number; objects: number }[]
    /** Partitions that were added and views that were replaced: such a statement costs nothing. */
    free: number
  }
}

export interface CountedStep {
  invocations: number
  seconds: number
  /** Requests of S3. What reads through Athena is not among them. A list is counted once, whatever its pages. */
  put: number
  get: number
}

export interface Counting {
  config: Config
  aws: AwsSettings
  /** Accounts that are read at once: what they wait for is AWS, so that they hardly disturb one another. */
  atOnce: number
}

const DATABASE = 'strongroom'

/** Runs the steps in the order in which the state machine would, S3 and Athena being our own emulations. */
export async function countRun({ config, aws, atOnce }: Counting): Promise<CountedRun> {
  const s3 = await startFakeS3()
  const lake = openS3Lake('s3://lake', s3.client)
  // What the emulated Athena asks of the bucket is no request of a function, nor what Athena would ask.
  let emulating = 0
  const emulated = async <T>(work: () => Promise<T>): Promise<T> => {
    emulating++
    return work().finally(() => emulating--)
  }
  const mirrored: Lake = {
    ...lake,
    list: (folder) => emulated(() => lake.list(folder)),
    lend: (name, use) => emulated(() => lake.lend(name, use)),
    upload: (name, path) => emulated(() => lake.upload(name, path)),
  }
  const athena = await openLocalAthena(mirrored, {
    ...(await loadTables()),
    staged_objects: stagedObjects,
  })
  athena.engine.inspect = inspectKnown(await knownStatements())
  const caller = callerSession(aws, 'caller')
  const steps: CountedRun['steps'] = {}
  const counted = (name: Step): CountedStep => {
    steps[name] ??= { invocations: 0, seconds: 0, put: 0, get: 0 }
    return steps[name]
  }
  let running: Step | undefined
  s3.misbehave = ({ method, path }) => {
    const kind = kindOf(method, path)
    if (running && kind && emulating === 0) counted(running)[kind]++
    return undefined
  }
  async function step<T>(name: Step, work: () => Promise<T>): Promise<T> {
    // No two functions run at once.
    running = name
    const started = performance.now()
    const result = await work()
    const count = counted(name)
    count.invocations++
    count.seconds += (performance.now() - started) / 1000
    return result
  }
  const reading: CountedRun['statements']['reading'] = []
  let free = 0
  async function runPhase(runId: string, phase: Phase): Promise<void> {
    for (const line of await readLines<PlannedQuery & PlannedStatement>(
      lake,
      runFiles.queries(runId, phase),
    )) {
      if (line.sql) {
        await athena.run(line.sql)
        free++
        continue
      }
      const unload = `${line.unload.before}attempt-1${line.unload.after}`
      reading.push(readBy(unload, s3.objects, runId))
      await athena.run(unload)
      await athena.run(`${line.register.before}attempt-1${line.register.after}`)
      free++
    }
  }
  try {
    const { run_id } = await collectAll({ lake, config, aws, caller, atOnce, step })
    await deriveAll(run_id, { lake, clock: aws.clock, step })
    const options = { lake, engine: athena.engine, database: DATABASE }
    await step('compact', async () => {
      await stageRun(lake, run_id)
      await renderCarry(run_id, options)
    })
    const folder = await temporaryFolder()
    for (const phase of PHASES) {
      if (phase === 'inventory') await step('render-queries', () => renderRun(run_id, options))
      if (phase === 'latest') {
        const { engine } = athena
        const measure = () => undefined
        const reported = { lake, engine, clock: aws.clock, folder, measure }
        await step('report', () => reportRun(run_id, reported))
      }
      await runPhase(run_id, phase)
    }
    const { rows } = await athena.engine.query(
      `select count(*) as slices, sum(calls) as calls, sum(rows) as rows
       from "${DATABASE}"."answers" where run_id = '${run_id}'`,
    )
    return {
      steps,
      slices: Number(rows[0]?.slices),
      calls: Number(rows[0]?.calls),
      rows: Number(rows[0]?.rows),
      stored: storedIn(s3.objects),
      statements: { reading, free },
    }
  } finally {
    caller.close()
    athena.close()
    await s3.close()
  }
}

type StepOf = <T>(name: Step, work: () => Promise<T>) => Promise<T>

interface Collecting extends Counting {
  lake: Lake
  caller: Session
  step: StepOf
}

async function collectAll(options: Collecting): Promise<{ run_id: string }> {
  const { lake, config, aws, caller, atOnce, step } = options
  const execution = 'arn:aws:states:us-east-1:111122223333:execution:strongroom-audit:one'
  const event = { execution, started_at: aws.clock().toISOString(), input: {} }
  let state = await step('discover', () => beginRun(event, { lake, config, aws, caller }))
  const limit = pLimit(atOnce)
  const { signal } = new AbortController()
  while (state.open > 0) {
    const { run_id } = state
    const units = await readLines<PlannedUnit>(lake, state.units_key)
    const collect = async (unit: PlannedUnit) => {
      const folder = await temporaryFolder()
      const work = () =>
        collectOne({ run_id, unit }, { lake, aws, caller, deadline: signal, folder })
      return step('collect', work)
    }
    await Promise.all(units.map((unit) => limit(() => collect(unit))))
    state = await step('reconcile', () => closePass(state, { lake }))
  }
  return state
}

async function deriveAll(
  run_id: string,
  { lake, clock, step }: { lake: Lake; clock: () => Date; step: StepOf },
): Promise<void> {
  const accounts = await readLines<{ account_id: string }>(lake, runFiles.accounts(run_id))
  for (const { account_id } of accounts) {
    await step('derive', () => deriveOne({ run_id, account_id }, { lake, clock }))
  }
}

async function knownStatements() {
  const engine = await openDuckdb({ lake: await temporaryFolder(), tables: {} })
  try {
    return await knowStatements(engine)
  } finally {
    engine.close()
  }
}

/** The fake bucket's pages are short: only the first of a list is counted. */
function kindOf(method: string, path: string): 'put' | 'get' | undefined {
  if (method === 'PUT') return 'put'
  if (method !== 'GET') return undefined
  if (!path.includes('list-type=2')) return 'get'
  // A list costs as much as a put.
  return path.includes('continuation-token') ? undefined : 'put'
}

/** Objects of the run below the tables that a statement names. */
function readBy(sql: string, objects: Map<string, Buffer>, runId: string) {
  const named = new Set(
    [...sql.matchAll(new RegExp(`"${DATABASE}"\\."(\\w+)"`, 'g'))].map(([, name]) => name),
  )
  const read = { bytes: 0, objects: 0 }
  for (const [key, { length }] of objects) {
    const [, folder, first = '', second = ''] = key.slice(1).split('/')
    const table =
      folder === 'staging' ? `staging_${second}` : folder === 'inventory' ? first : folder
    if (!named.has(table) || !key.includes(runId)) continue
    read.bytes += length
    read.objects++
  }
  return read
}

function storedIn(objects: Map<string, Buffer>): Record<string, number> {
  const stored: Record<string, number> = {}
  for (const [key, { length }] of objects) {
    const [folder = ''] = key.split('/').slice(2)
    if (folder !== 'staging') stored[folder] = (stored[folder] ?? 0) + length
  }
  return stored
}
