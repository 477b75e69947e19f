import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callerSession, type Session } from '../../lib/aws/session.ts'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import type { Lake } from '../../lib/lake/lake.ts'
import { openS3Lake } from '../../lib/lake/s3-lake.ts'
import { inspectKnown, knowStatements } from '../../lib/pipeline/known-statements.ts'
import { stagedObjects } from '../../lib/pipeline/stage-run.ts'
import { loadTables } from '../../lib/sources.ts'
import { hubOf, switchOn } from '../../simulator/hub.ts'
import { cellOf } from '../../simulator/state.ts'
import { definitionOf, synthesize } from '../stack/synthesized.ts'
import { type LocalAthena, openLocalAthena } from '../support/local-athena.ts'
import { type ServedTasks, serveTasks } from '../support/served-tasks.ts'
import {
  findingsOf,
  NOW,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from '../support/simulated.ts'
import { aws, freePort, startServer, stopServer, venv } from './peers.ts'

const BUCKET = 'lake'
const REGION = 'us-east-1'

/** All fields of the language that the interpreter, or what we put into it, gives its meaning to. */
const EMULATED = new Set(
  `StartAt States Type Next End Default Choices Variable BooleanEquals NumericEquals NumericGreaterThan NumericLessThan
  NumericLessThanEquals And Retry ErrorEquals IntervalSeconds MaxAttempts BackoffRate MaxDelaySeconds JitterStrategy Catch
  ResultPath Resource Parameters ItemSelector ItemProcessor ProcessorConfig Mode ExecutionType ItemReader ReaderConfig InputType
  MaxConcurrency ToleratedFailurePercentage Label ResultWriter Comment TimeoutSeconds SecondsPath Error CausePath`.split(
    /\s+/,
  ),
)

describe('moto runs the synthesized state machine', () => {
  let simulated: SimulatedOrganization
  let server: ChildProcess
  let tasks: ServedTasks
  let athena: LocalAthena
  let lake: Lake
  let client: S3Client
  let caller: Session
  let definition: string
  let endpoint: string
  const folder = temporaryFolder()

  beforeAll(async () => {
    simulated = await simulate({ accounts: 14, regions: 5 })
    for (const account of simulated.organization.state.accounts.values()) {
      for (const region of account.enabledRegions) switchOn(hubOf(cellOf(account, region)), NOW)
    }
    definition = JSON.stringify(definitionOf((await synthesize()).auditTemplate))
      .replaceAll(/<Functions([a-z]+)[0-9A-F]{8}\.Arn>/g, (_, step) => arnOf(step))
      .replaceAll(/"<strongroom-lake:[^>]*>"/g, `"${BUCKET}"`)
      .replaceAll('<AWS::Partition>', 'aws')
    const port = await freePort()
    endpoint = `http://127.0.0.1:${port}`
    client = new S3Client({
      region: REGION,
      endpoint,
      forcePathStyle: true,
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    })
    lake = openS3Lake(`s3://${BUCKET}`, client)
    athena = await openLocalAthena(lake, { ...(await loadTables()), staged_objects: stagedObjects })
    const parser = await openDuckdb({ lake: await folder, tables: {} })
    athena.engine.inspect = inspectKnown(await knowStatements(parser))
    parser.close()
    const { credentials } = simulated.organization
    const settings = {
      credentials,
      endpoint: simulated.simulator.url,
      homeRegion: REGION,
      budgetShare: 1,
      clock: () => NOW,
    }
    caller = callerSession(settings, 'caller')
    tasks = await serveTasks({ lake, config: simulated.config, aws: settings, caller, athena })
    const script = join(import.meta.dirname, 'python/step_functions_server.py')
    const { child } = await startServer(
      join(venv, 'bin/python'),
      [script, String(port), tasks.url, BUCKET],
      { MOTO_PORT: String(port), AWS_DEFAULT_REGION: REGION },
      (printed) => printed.includes(`ready on ${port}`) || undefined,
    )
    server = child
    console.log(
      'peer evidence: control flow, paths, intrinsics, Retry, Catch; our emulation: JSONL, tolerance, result files, Athena, Lambda',
    )
  }, 120_000)

  afterAll(async () => {
    if (server) await stopServer(server)
    caller?.close()
    client?.destroy()
    athena?.close()
    await tasks?.close()
    await simulated?.close()
  })

  it('has no field that nothing here gives its meaning to', () => {
    const names = fieldsOf(JSON.parse(definition))
    expect(names.filter((name) => !EMULATED.has(name))).toEqual([])
  })

  it('runs to the end, over a failing worker, a throttled one and a failing query, and finds what the command line finds', async () => {
    tasks.fail = troubles()
    // Both judge as of the same moment: a test of 90 days ago is in time by a second.
    const execution = await execute('whole', { scheduled_time: NOW.toISOString() })
    expect(execution.status, JSON.stringify(execution)).toBe('SUCCEEDED')
    const passes = tasks.served.filter(({ path }) => path.endsWith('reconcile'))
    expect(passes.length).toBe(3)
    const published = tasks.served.filter(({ path }) => path.endsWith('publish'))
    expect(published.map(({ error }) => error)).toEqual(['Error', undefined])
    const [event] = tasks.served.filter(({ path }) => path === 'events')
    expect(JSON.stringify(event?.input)).toContain('Strongroom Audit Completed')
    const [runId = ''] = (await reports()).filter((name) => name.startsWith('2026'))
    const { publication } = JSON.parse(await lake.read(`reports/${runId}/summary.json`))
    expect(publication).toMatchObject({ generation: 1, more: false, unsure: 0 })
    expect(publication.accepted).toBeGreaterThan(100)
    const result = await simulated.audit({ lake: await folder })
    const { rows } = await athena.engine.query(`
      select control_id, status, account_id, region, resource_arn, resource_type, related_arn, reason, finding_id
      from "strongroom"."findings" where run_id = '${runId}' order by finding_id`)
    expect(rows.length).toBeGreaterThan(100)
    expect(rows).toEqual(await findingsOf(await folder, result.run_id))
    expect(athena.statements.filter((sql) => sql.startsWith('CREATE')).length).toBeGreaterThan(20)
  }, 600_000)

  it('ends a second delivery of one schedule as a duplicate', async () => {
    tasks.fail = (path) => (path.endsWith('collect') ? 'Error' : undefined)
    const input = { scheduled_time: '2026-11-23T07:45:00Z' }
    const before = tasks.served.length
    await lake.createIfAbsent(`runs/${await nameOf(input)}/run.json`, '{"execution":"another"}')
    const execution = await execute('second', input)
    expect(execution.status).toBe('SUCCEEDED')
    expect(tasks.served.slice(before).map(({ path }) => path)).toEqual([
      'lambda/strongroom-discover',
    ])
  }, 120_000)

  it('leaves an account of a run whose query fails whatever is tried', async () => {
    tasks.fail = (path, input) =>
      path === 'athena' && String(input.QueryString).includes('inventory/accounts/')
        ? 'QueryFailed'
        : undefined
    const before = tasks.served.length
    const execution = await execute('failing', {
      scope: { regions: ['us-east-1'], services: ['kms'] },
    })
    expect(execution.status).toBe('FAILED')
    const served = tasks.served.slice(before)
    const attempts = served.filter(({ path, error }) => path === 'athena' && error)
    expect(attempts).toHaveLength(3)
    expect(new Set(attempts.map(({ input }) => input.QueryString)).size).toBe(3)
    const [event] = served.filter(({ path }) => path === 'events')
    expect(JSON.stringify(event?.input)).toContain('Strongroom Audit Failed')
    const run = served.find(({ path }) => path.endsWith('fail'))?.input.run
    const run_id = Reflect.get(Object(run), 'run_id')
    const failure = JSON.parse(await lake.read(`reports/${run_id}/failed.json`))
    expect(failure.slices.complete).toBeGreaterThan(0)
  }, 600_000)

  /** One machine for each execution: moto cannot start a second one of the same. */
  async function execute(name: string, input: object): Promise<{ status: string }> {
    const file = join(await folder, `${name}.json`)
    writeFileSync(file, definition)
    const machine = await cli<{ stateMachineArn: string }>('create-state-machine', {
      name,
      definition: `file://${file}`,
      'role-arn': 'arn:aws:iam::123456789012:role/machine',
    })
    const { stateMachineArn } = machine
    const described = await cli<{ definition: string }>('describe-state-machine', {
      'state-machine-arn': stateMachineArn,
    })
    expect(described.definition).toBe(definition)
    const { executionArn } = await cli<{ executionArn: string }>('start-execution', {
      'state-machine-arn': stateMachineArn,
      name: `${name}-1`,
      input: JSON.stringify(input),
    })
    for (;;) {
      const execution = await cli<{ status: string }>('describe-execution', {
        'execution-arn': executionArn,
      })
      if (execution.status !== 'RUNNING') return execution
      await sleep(1000)
    }
  }

  async function cli<T>(operation: string, options: Record<string, string>): Promise<T> {
    const flags = Object.entries(options).flatMap(([key, value]) => [`--${key}`, value])
    const { code, stdout, stderr } = await aws(
      ['stepfunctions', operation, ...flags, '--output', 'json'],
      {
        AWS_ENDPOINT_URL: endpoint,
        AWS_DEFAULT_REGION: REGION,
        AWS_ACCESS_KEY_ID: 'testing',
        AWS_SECRET_ACCESS_KEY: 'testing',
      },
    )
    if (code !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  }

  async function nameOf(input: { scheduled_time: string }): Promise<string> {
    const { beginRun } = await import('../../lib/pipeline/begin-run.ts')
    const elsewhere = openS3Lake(`s3://${BUCKET}/elsewhere`, client)
    const event = { execution: 'other', started_at: '2026-11-23T07:45:01Z', input }
    const settings = {
      credentials: simulated.organization.credentials,
      endpoint: simulated.simulator.url,
      homeRegion: REGION,
      budgetShare: 1,
      clock: () => NOW,
    }
    const options = { lake: elsewhere, config: simulated.config, aws: settings, caller }
    return (await beginRun(event, options)).run_id
  }

  async function reports(): Promise<string[]> {
    const served = tasks.served.filter(({ path }) => path.endsWith('report'))
    return served.map(({ input }) => String(input.run_id))
  }
})

/** Two refusals for one account, another that fails in two passes, one query and one publication that fail once. */
function troubles(): ServedTasks['fail'] {
  let [refusals, queries, publications] = [2, 1, 1]
  const seen = new Set<string>()
  const ofQuery = (statement: string) =>
    statement.includes('/findings/run_id') && queries-- > 0 ? 'QueryFailed' : undefined
  const ofWorker = ({ account_id, pass }: { account_id: string; pass: number }) => {
    const [throttled, failing] = seen.add(account_id)
    if (account_id === throttled && refusals-- > 0) return 'Lambda.TooManyRequestsException'
    return account_id === failing && pass < 3 ? 'Error' : undefined
  }
  return (path, input) => {
    if (path.endsWith('publish')) return publications-- > 0 ? 'Error' : undefined
    if (path === 'athena') return ofQuery(String(input.QueryString))
    return path.endsWith('collect') ? ofWorker(input.unit as never) : undefined
  }
}

function arnOf(step: string): string {
  const name = step === 'renderqueries' ? 'render-queries' : step
  return `arn:aws:lambda:${REGION}:123456789012:function:strongroom-${name}`
}

/** The language's own fields of a definition; what is handed to tasks and the names of states are not. */
function fieldsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(fieldsOf)
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) => {
    if (['Parameters', 'ItemSelector'].includes(key)) return [key]
    if (key === 'States') return [key, ...Object.values(value as object).flatMap(fieldsOf)]
    return [key, ...fieldsOf(value)]
  })
}
