import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { AwsSettings, Session } from '../../lib/aws/session.ts'
import type { Config } from '../../lib/config/schema.ts'
import type { Lake } from '../../lib/lake/lake.ts'
import { beginRun } from '../../lib/pipeline/begin-run.ts'
import { closePass } from '../../lib/pipeline/close-pass.ts'
import { collectOne } from '../../lib/pipeline/collect-one.ts'
import { deriveOne } from '../../lib/pipeline/derive-one.ts'
import { failRun } from '../../lib/pipeline/fail-run.ts'
import { publishOne } from '../../lib/pipeline/publish-run.ts'
import { renderCarry, renderRun } from '../../lib/pipeline/render-run.ts'
import { reportRun } from '../../lib/pipeline/report-run.ts'
import { stageRun } from '../../lib/pipeline/stage-run.ts'
import type { LocalAthena } from './local-athena.ts'
import { NOW, temporaryFolder } from './simulated.ts'

const QUARTER_MS = 15 * 60 * 1000

export interface TaskOptions {
  lake: Lake
  config: Config
  aws: AwsSettings
  caller: Session
  athena: LocalAthena
}

/** A task of the state machine that was asked for, and how it ended. */
export interface ServedTask {
  path: string
  input: Record<string, unknown>
  error?: string
}

export interface ServedTasks {
  url: string
  served: ServedTask[]
  /** Answers the name of an error that the task is to fail with. */
  fail: (path: string, input: Record<string, unknown>) => string | undefined
  close(): Promise<void>
}

/** Serves the tasks of the state machine over HTTP: the steps themselves behind the functions' names, DuckDB behind Athena. */
export async function serveTasks(options: TaskOptions): Promise<ServedTasks> {
  const tasks: ServedTasks = {
    url: '',
    served: [],
    fail: () => undefined,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').slice(1)
    const input = (await json(request)) as Record<string, unknown>
    const task: ServedTask = { path, input }
    tasks.served.push(task)
    try {
      task.error = tasks.fail(path, input)
      if (task.error) throw Object.assign(new Error('injected'), { name: task.error })
      response.end(JSON.stringify((await run(path, input, options)) ?? {}))
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      task.error = name
      response.writeHead(200, { 'x-task-error': name }).end(JSON.stringify({ message }))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  tasks.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return tasks
}

async function run(path: string, input: object, options: TaskOptions): Promise<unknown> {
  const { lake, athena } = options
  if (path === 'athena') return athena.run((input as { QueryString: string }).QueryString)
  if (path === 'events' || path === 'slept') return {}
  const step = path.replace('lambda/strongroom-', '')
  const event = input as never
  const { run_id } = input as { run_id: string }
  const database = 'strongroom'
  const clock = () => NOW
  const steps: Record<string, () => Promise<unknown>> = {
    discover: () => beginRun(event, options),
    collect: async () => {
      const deadline = new AbortController().signal
      return collectOne(event, { ...options, deadline, folder: await temporaryFolder() })
    },
    reconcile: () => closePass(event, { lake }),
    derive: () => deriveOne(event, { lake, clock }),
    compact: async () => {
      await stageRun(lake, run_id)
      await renderCarry(run_id, { lake, engine: athena.engine, database })
    },
    'render-queries': () => renderRun(run_id, { lake, engine: athena.engine, database }),
    report: async () => {
      const folder = await temporaryFolder()
      return reportRun(run_id, {
        lake,
        engine: athena.engine,
        clock,
        folder,
        measure: () => undefined,
      })
    },
    publish: () =>
      publishOne(run_id, {
        ...options,
        engine: athena.engine,
        clock,
        ends: new Date(NOW.getTime() + QUARTER_MS),
        measure: () => undefined,
      }),
    fail: () => failRun(event, { lake, clock }),
  }
  const served = steps[step]
  if (!served) throw new Error(`no such function: ${path}`)
  return served()
}
