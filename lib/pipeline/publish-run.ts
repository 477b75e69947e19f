import type { AwsSettings } from '../aws/session.ts'
import type { Engine } from '../engine/engine.ts'
import type { Lake } from '../lake/lake.ts'
import { reportPublication } from '../report/publication.ts'
import { publishRun } from '../securityhub/publish.ts'
import { publishTables } from '../securityhub/tables.ts'
import { METRICS } from './environment.ts'
import type { Published } from './payloads.ts'
import { openRun } from './run-files.ts'

export interface PublishOneOptions {
  lake: Lake
  engine: Engine
  aws: AwsSettings
  clock: () => Date
  /** When the worker is ended, whatever it does. */
  ends: Date
  /** Takes the publication's figures for the metrics. */
  measure(metrics: Record<string, number>): void
  /** At most so many findings. */
  most?: number
}

/** Calls that are under way at once, over all hubs: each hub's own quota is kept besides. */
const CALLS_AT_ONCE = 32
/** What it takes to record what was sent. */
const RECORD_MS = 3 * 60 * 1000
/** No publication is begun later than this after its run: the execution must end in time. */
const LATEST_MS = 8 * 60 * 60 * 1000

/**
 * Publishes what a run changed, as far as one worker gets; `more` asks for another. There is one at a time, since what the hubs hold is
 * one state, and one is enough: it waits for the hubs, 32 calls at once with 100 findings each, and not for the processor.
 * @throws UsageError where another run is being published, or a later one was
 */
export async function publishOne(runId: string, options: PublishOneOptions): Promise<Published> {
  const { lake, engine, aws, clock, ends, measure, most } = options
  const { run, config } = await openRun(lake, runId)
  const publication = await publishRun(engine, {
    config: { ...config, concurrency: Math.max(config.concurrency, CALLS_AT_ONCE) },
    run,
    lake,
    tables: publishTables,
    aws: { ...aws, budgetShare: config.budget_share },
    deadline: new Date(ends.getTime() - RECORD_MS),
    most,
  })
  await reportPublication(engine, lake, runId, publication)
  const { accepted, refused, unsure, not_sent, archived, unchanged } = publication
  measure({ [METRICS.published]: accepted, [METRICS.unpublished]: refused + unsure + not_sent })
  const late = clock().getTime() - Date.parse(run.started_at) > LATEST_MS
  // Without progress another round would end as this one did.
  const more = publication.more && accepted > 0 && !late
  return { more, accepted, refused, unsure, not_sent, archived, unchanged }
}
