import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AwsSettings, callerSession, type Session } from '../../lib/aws/session.ts'
import { loadControls } from '../../lib/engine/controls.ts'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import { ASSUMPTIONS, estimate, transitionsOf, type Workload } from '../../lib/estimate.ts'
import type { Lake } from '../../lib/lake/lake.ts'
import { openS3Lake } from '../../lib/lake/s3-lake.ts'
import { beginRun } from '../../lib/pipeline/begin-run.ts'
import { closePass } from '../../lib/pipeline/close-pass.ts'
import { collectOne } from '../../lib/pipeline/collect-one.ts'
import { deriveOne } from '../../lib/pipeline/derive-one.ts'
import { failRun } from '../../lib/pipeline/fail-run.ts'
import { inspectKnown, knowStatements } from '../../lib/pipeline/known-statements.ts'
import type {
  Phase,
  PlannedQuery,
  PlannedStatement,
  PlannedUnit,
  RunState,
} from '../../lib/pipeline/payloads.ts'
import { publishOne } from '../../lib/pipeline/publish-run.ts'
import { renderCarry, renderRun } from '../../lib/pipeline/render-run.ts'
import { reportRun } from '../../lib/pipeline/report-run.ts'
import { readLines, runFiles } from '../../lib/pipeline/run-files.ts'
import { stagedObjects, stageRun } from '../../lib/pipeline/stage-run.ts'
import { prices } from '../../lib/prices.ts'
import { lakeTables, loadSources, loadTables } from '../../lib/sources.ts'
import { hubOf, switchOn } from '../../simulator/hub.ts'
import { cellOf } from '../../simulator/state.ts'
import { type FakeS3, startFakeS3 } from '../support/fake-s3.ts'
import { type LocalAthena, openLocalAthena } from '../support/local-athena.ts'
import {
  findingsOf,
  NOW,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from '../support/simulated.ts'

const execution = 'arn:aws:states:us-east-1:111122223333:execution:strongroom-audit:one'
const event = { execution, started_at: NOW.toISOString(), input: {} }
const clock = () => NOW

let simulated: SimulatedOrganization
let s3: FakeS3
let lake: Lake
let athena: LocalAthena
let aws: AwsSettings
let caller: Session

beforeAll(async () => {
  simulated = await simulate({ accounts: 6, regions: 3 })
  s3 = await startFakeS3()
  // S3 asks to slow down, fails and hangs up now and then throughout.
  s3.misbehave = ({ nth }) => {
    if (nth % 23 === 0) return { status: 503, code: 'SlowDown' }
    if (nth % 29 === 0) return { status: 500, code: 'InternalError' }
    return nth % 31 === 0 ? 'reset' : undefined
  }
  lake = openS3Lake('s3://lake', s3.client)
  athena = await openLocalAthena(lake, { ...(await loadTables()), staged_objects: stagedObjects })
  athena.engine.inspect = inspectKnown(await statements())
  const { credentials } = simulated.organization
  const { url: endpoint } = simulated.simulator
  aws = { credentials, endpoint, homeRegion: 'us-east-1', budgetShare: 1, clock }
  caller = callerSession(aws, 'caller')
})

afterAll(async () => {
  caller.close()
  athena.close()
  await s3.close()
  await simulated.close()
})

async function statements() {
  const engine = await openDuckdb({ lake: await temporaryFolder(), tables: {} })
  const known = await knowStatements(engine)
  engine.close()
  return known
}

function begin(started = event) {
  return beginRun(started, { lake, config: simulated.config, aws, caller })
}

async function collect(run_id: string, unit: PlannedUnit, deadline = new AbortController().signal) {
  return collectOne(
    { run_id, unit },
    { lake, aws, caller, deadline, folder: await temporaryFolder() },
  )
}

async function runPhase(run_id: string, phase: Phase) {
  const lines = await readLines<PlannedQuery & PlannedStatement>(
    lake,
    runFiles.queries(run_id, phase),
  )
  for (const { sql, unload, register } of lines) {
    if (sql) await athena.run(sql)
    else
      for (const { before, after } of [unload, register])
        await athena.run(`${before}attempt-1${after}`)
  }
}

describe('a run of the pipeline', { timeout: 300_000 }, () => {
  let state: RunState
  const measured: Record<string, number>[] = []

  test('begins once, whoever asks', async () => {
    state = await begin()
    expect(state).toMatchObject({ duplicate: false, pass: 1, scope_complete: true })
    expect(state.run_id).toMatch(/^20261123T080000Z-[0-9a-f]{6}$/)
    expect(await begin()).toEqual(state)
  })

  test('a second delivery of the schedule is refused', async () => {
    const input = { scheduled_time: '2026-11-23T07:45:00Z' }
    const first = await begin({ ...event, execution: `${execution}-a`, input } as typeof event)
    const second = await begin({ ...event, execution: `${execution}-b`, input } as typeof event)
    expect(first).toMatchObject({ duplicate: false })
    expect(second).toMatchObject({ duplicate: true, run_id: first.run_id })
    expect(first.run_id).toMatch(/^20261123T074500Z-/)
  })

  test('an execution that is started with something else than a scope fails', async () => {
    const input = { accounts: ['111122223333'] }
    await expect(begin({ ...event, input } as typeof event)).rejects.toThrow('accounts')
  })

  test('goes over lost and late units again', async () => {
    const units = await readLines<PlannedUnit>(lake, state.units_key)
    expect(units.length).toBe(state.open)
    const [lost, late, ...rest] = units as [PlannedUnit, PlannedUnit, ...PlannedUnit[]]
    const spent = await collect(state.run_id, late, AbortSignal.abort())
    expect(spent.open).toBeGreaterThan(0)
    for (const unit of rest) await collect(state.run_id, unit)
    const again = await collect(state.run_id, rest[0] as PlannedUnit)
    expect(again.counts).toBe(false)
    state = await closePass(state, { lake })
    expect(state).toMatchObject({ pass: 2, units_key: runFiles.units(state.run_id, 2) })
    const second = await readLines<PlannedUnit>(lake, state.units_key)
    const open = second.map(({ unit }) => unit)
    expect(open).toContain(lost.unit)
    expect(open).toContain(late.unit)
    // A worker that comes after its answer was written as lost changes nothing.
    expect(await collect(state.run_id, lost)).toMatchObject({ counts: false })
    while (state.open > 0 && state.pass <= 3) {
      for (const unit of await readLines<PlannedUnit>(lake, state.units_key)) {
        await collect(state.run_id, unit)
      }
      state = await closePass(state, { lake })
    }
    const accounts = await readLines<{ account_id: string }>(lake, runFiles.accounts(state.run_id))
    expect(new Set(accounts.map(({ account_id }) => account_id)).size).toBe(accounts.length)
    expect(units.length).toBe(accounts.length + 1)
    for (const { account_id } of accounts) {
      await deriveOne({ run_id: state.run_id, account_id }, { lake, clock })
    }
  })

  test('writes one object for each table of an attempt, but for what will be read again', async () => {
    const objects = [...s3.objects.keys()].filter((key) => key.includes('/staging/'))
    const shared = objects.filter((key) => /\/\d{12}-1-[0-9a-f]{8}\.parquet$/.test(key))
    expect(shared.length).toBeGreaterThan(objects.length / 4)
  })

  test('is compacted, judged and reported', async () => {
    const { run_id } = state
    const options = { lake, engine: athena.engine, database: 'strongroom' }
    await stageRun(lake, run_id)
    await renderCarry(run_id, options)
    await runPhase(run_id, 'carry')
    await renderRun(run_id, options)
    for (const phase of ['inventory', 'coverage', 'findings', 'scores', 'latest'] as const) {
      await runPhase(run_id, phase)
    }
    const completed = await reportRun(run_id, {
      lake,
      engine: athena.engine,
      clock,
      folder: await temporaryFolder(),
      measure: (metrics) => measured.push(metrics),
    })
    expect(completed).toMatchObject({
      run_id,
      scope_complete: true,
      report: `s3://lake/reports/${run_id}`,
    })
    expect(await lake.list(`reports/${run_id}`)).toContain(`reports/${run_id}/findings.csv`)
    expect(measured).toHaveLength(1)
    expect(measured[0]).toMatchObject({
      Score: completed.score.value,
      Coverage: completed.coverage,
    })
  })

  test('finds what the command line finds', async () => {
    const folder = await temporaryFolder()
    const result = await simulated.audit({ lake: folder })
    const expected = await findingsOf(folder, result.run_id)
    const { rows } = await athena.engine.query(`
      select control_id, status, account_id, region, resource_arn, resource_type, related_arn, reason, finding_id
      from "strongroom"."findings" where run_id = '${state.run_id}' order by finding_id`)
    expect(rows.length).toBeGreaterThan(100)
    expect(differences(rows, expected)).toEqual([])
    const summary = JSON.parse(await lake.read(`reports/${state.run_id}/summary.json`))
    expect(summary.score).toEqual(result.summary.score)
    expect(summary.cells).toEqual(result.summary.cells)
    expect(summary.findings).toEqual(result.summary.findings)
  })

  test('takes about what the estimate says', async () => {
    const { accounts, regions } = { accounts: 6, regions: 3 }
    const { rows } = await athena.engine.query(
      `select sum(calls) as calls, sum(rows) as rows from "strongroom"."answers" where run_id = '${state.run_id}'`,
    )
    const sources = await loadSources()
    const work: Workload = {
      ...{ accounts, regions },
      collectors: sources.collectors.size,
      tables: Object.keys(lakeTables(sources)).length,
      controls: loadControls().length,
      rowsPerCell: Number(rows[0]?.rows) / (accounts * regions),
      ...{ changedFindings: 5, runsPerMonth: 30, workers: 100, monthsKept: 12 },
    }
    const estimated = estimate(work, prices.parse({}))
    const unloaded = athena.statements.filter((sql) => sql.startsWith('UNLOAD')).length
    const replaced = athena.statements.filter((sql) => sql.startsWith('CREATE')).length
    // Each is put once, by a function or by Athena, which leaves more behind than its emulation.
    const objects = [...s3.objects].filter(([key]) => key.includes(state.run_id))
    const kept = objects.filter(([key]) => !key.startsWith('/lake/staging/'))
    const executed = {
      units: accounts + 1,
      accounts,
      queries: unloaded,
      views: replaced,
      passes: 2,
    }
    const ratios = {
      calls: estimated.calls / Number(rows[0]?.calls),
      puts: estimated.requests.put / (objects.length + unloaded * (ASSUMPTIONS.putsPerQuery - 1)),
      stored: estimated.bytes.stored / kept.reduce((sum, [, { length }]) => sum + length, 0),
      transitions: estimated.transitions / transitionsOf(executed),
    }
    for (const [name, ratio] of Object.entries(ratios)) {
      expect(ratio, `${name}: ${JSON.stringify(ratios)}`).toBeGreaterThan(0.5)
      expect(ratio, `${name}: ${JSON.stringify(ratios)}`).toBeLessThan(2)
    }
  })

  test('tells Security Hub in as many rounds as it takes, and then nothing', async () => {
    for (const account of simulated.organization.state.accounts.values()) {
      for (const region of account.enabledRegions) {
        switchOn(hubOf(cellOf(account, region)), new Date(NOW.getTime() - 86_400_000))
      }
    }
    const { run_id } = state
    const publish = (most?: number) =>
      publishOne(run_id, {
        lake,
        engine: athena.engine,
        aws,
        clock,
        ends: new Date(NOW.getTime() + 900_000),
        measure: (metrics) => measured.push(metrics),
        ...(most ? { most } : {}),
      })
    const calls = () => simulated.simulator.calls.get('securityhub:BatchImportFindings') ?? 0
    const failing = JSON.parse(await lake.read(`reports/${run_id}/findings.asff.json`)).length
    const first = await publish(10)
    expect(first).toMatchObject({ more: true, accepted: 10 })
    expect(measured.at(-1)).toEqual({ PublishedFindings: 10, UnpublishedFindings: 0 })
    const second = await publish()
    const { accepted, refused, unsure, not_sent } = second
    expect(first.accepted + accepted + refused + unsure + not_sent).toBe(failing)
    expect(second.more).toBe(false)
    expect(await publish()).toMatchObject({ more: false, accepted: 0 })
    const summary = JSON.parse(await lake.read(`reports/${run_id}/summary.json`))
    // The run's summary has all of its rounds, not the last alone, which had nothing left to say.
    expect(summary.publication).toMatchObject({
      generation: 3,
      rounds: 3,
      ...{ accepted: 10 + accepted, refused, unsure, not_sent, more: false },
      by_action: { create: failing },
    })
    const perAccount = summary.publication.by_account.map((one: { sent: number }) => one.sent)
    expect(perAccount.reduce((sum: number, sent: number) => sum + sent, 0)).toBe(
      10 + accepted + refused + unsure,
    )
    expect(summary.publication.api_calls).toBeGreaterThan(calls())
  })

  test('that fails leaves an account of what was read', async () => {
    const error = { Error: 'QueryFailed', Cause: 'SYNTAX_ERROR' }
    const failure = await failRun({ run: state, execution, error }, { lake, clock })
    expect(failure).toMatchObject({ run_id: state.run_id, error: 'QueryFailed' })
    expect(failure.slices?.complete).toBeGreaterThan(0)
    expect(JSON.parse(await lake.read(`reports/${state.run_id}/failed.json`))).toEqual(failure)
    const early = await failRun({ run: {}, execution, error }, { lake, clock })
    expect(early).toMatchObject({ run_id: null, slices: null })
    expect(await lake.list('reports/one')).toEqual(['reports/one/failed.json'])
  })
})

/** What only one of them found, as text: a list of thousands would not be read. */
function differences(found: object[], expected: object[]): string[] {
  const [here, there] = [found, expected].map(
    (rows) => new Set(rows.map((row) => JSON.stringify(row))),
  )
  const only = (a = new Set<string>(), b = new Set<string>()) => [...a].filter((row) => !b.has(row))
  return [
    ...only(here, there).map((row) => `+ ${row}`),
    ...only(there, here).map((row) => `- ${row}`),
  ].slice(0, 20)
}
