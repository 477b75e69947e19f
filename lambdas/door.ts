import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AthenaClient } from '@aws-sdk/client-athena'
import { S3Client } from '@aws-sdk/client-s3'
import type { Context, Handler } from 'aws-lambda'
import { describeError } from '../lib/aws/causes.ts'
import { redact } from '../lib/aws/redact.ts'
import { type AwsSettings, callerSession, type Session } from '../lib/aws/session.ts'
import { loadConfig } from '../lib/config/load.ts'
import type { Config } from '../lib/config/schema.ts'
import { openAthena } from '../lib/engine/athena.ts'
import type { Engine } from '../lib/engine/engine.ts'
import type { Lake } from '../lib/lake/lake.ts'
import { openS3Lake } from '../lib/lake/s3-lake.ts'
import { ENVIRONMENT, NAMESPACE, requireEnvironment } from '../lib/pipeline/environment.ts'
import { inspectKnown } from '../lib/pipeline/known-statements.ts'

/** What a step is given besides its event. */
export interface Tools {
  lake: Lake
  aws: AwsSettings
  caller: Session
  clock: () => Date
  /** A folder of this invocation's own. */
  folder: string
  /** Ends a minute before Lambda does, so that what was read can still be put away. */
  deadline: AbortSignal
  /** When Lambda ends it. */
  ends: Date
  engine(): Promise<Engine>
  config(): Promise<Config>
  measure(metrics: Record<string, number>): void
}

const PUT_AWAY_MS = 60_000

/** Files that the bundle has beside the functions. */
const bundled = (name: string) => join(import.meta.dirname, '..', '..', name)

/** Makes a function's handler of a step: opens what it works with, and says in one line how it went. */
export function door<Event, Result extends object>(
  step: string,
  handle: (event: Event, tools: Tools) => Promise<Result>,
): Handler<Event, Result> {
  return async (event, context) => {
    const started = Date.now()
    const folder = await mkdtemp(join(tmpdir(), 'strongroom-'))
    const tools = openTools(context, folder)
    const log = (line: object) =>
      write({ step, request_id: context.awsRequestId, milliseconds: Date.now() - started, ...line })
    try {
      const result = await handle(event, tools)
      log({ level: 'INFO', result })
      return result
    } catch (error) {
      log({ level: 'ERROR', ...toldOf(error) })
      throw error
    } finally {
      tools.caller.close()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

function toldOf(error: unknown): Record<string, string> {
  const { name, message, stack, cause } = error instanceof Error ? error : new Error(String(error))
  const told = { error: name, message: redact(message), stack: redact(stack ?? '') }
  return cause === undefined ? told : { ...told, cause: redact(describeError(cause)) }
}

function openTools(context: Context, folder: string): Tools {
  const clock = () => new Date()
  const region = requireEnvironment('AWS_REGION')
  const endpoint = process.env.STRONGROOM_LAKE_ENDPOINT
  const aws: AwsSettings = {
    credentials: undefined,
    endpoint: undefined,
    homeRegion: region,
    budgetShare: 1,
    clock,
  }
  return {
    lake: openS3Lake(
      requireEnvironment(ENVIRONMENT.lake),
      new S3Client({ region, maxAttempts: 6, ...(endpoint ? { endpoint } : {}) }),
    ),
    aws,
    caller: callerSession(aws, 'caller'),
    clock,
    folder,
    deadline: AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - PUT_AWAY_MS)),
    ends: new Date(Date.now() + context.getRemainingTimeInMillis()),
    engine: async () =>
      openAthena({
        client: new AthenaClient({ region, maxAttempts: 6 }),
        database: requireEnvironment(ENVIRONMENT.database),
        workgroup: requireEnvironment(ENVIRONMENT.workgroup),
        sleep: (milliseconds) => sleep(milliseconds),
        inspect: inspectKnown(JSON.parse(await readFile(bundled('known-statements.json'), 'utf8'))),
      }),
    config: () => loadConfig(bundled('strongroom.yaml')),
    measure(metrics) {
      const Metrics = Object.keys(metrics).map((Name) => ({ Name }))
      const CloudWatchMetrics = [{ Namespace: NAMESPACE, Dimensions: [[]], Metrics }]
      write({ _aws: { Timestamp: Date.now(), CloudWatchMetrics }, ...metrics })
    },
  }
}

/** CloudWatch reads one JSON document a line, and metrics out of it where it says so. */
function write(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
