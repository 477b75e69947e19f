import Table from 'cli-table3'
import { loadConfig } from '../config/load.ts'
import type { ConfigInput } from '../config/schema.ts'
import type { Engine } from '../engine/engine.ts'
import { openLake } from '../lake/lake.ts'
import { visible } from '../report/grid.ts'
import { publicationLines, reportPublication } from '../report/publication.ts'
import { openRun } from '../run.ts'
import { openPublishingEngine } from '../securityhub/engine.ts'
import {
  type PlannedRow,
  type PublishOptions,
  planPublication,
  publishRun,
} from '../securityhub/publish.ts'
import { publishTables } from '../securityhub/tables.ts'
import { keepHeapSmall } from '../small-heap.ts'
import type { Environment } from './audit.ts'
import type { ExitCode, Output } from './output.ts'
import { profileCredentials } from './profile.ts'

/** The flags of `publish`, as they were given. */
export interface PublishFlags extends Partial<ConfigInput> {
  run: string
  config?: string
  profile?: string
  dry_run: boolean
  json: boolean
}

/** How many planned findings a dry run prints; `--json` prints all. */
const SHOWN = 50

/** `strongroom publish`: sends to Security Hub what a run changed, or shows what would be sent. */
export async function runPublish(
  flags: PublishFlags,
  output: Output,
  { environment, signal }: { environment: Environment; signal: AbortSignal },
): Promise<ExitCode> {
  const { run: runId, config: file, profile, dry_run: dryRun, json, ...overrides } = flags
  const config = await loadConfig(file, overrides)
  const lake = openLake(config.lake)
  const run = await openRun(lake, runId)
  const options: PublishOptions = {
    config,
    run,
    lake,
    tables: publishTables,
    signal,
    aws: {
      credentials: profileCredentials(profile),
      endpoint: environment.AWS_ENDPOINT_URL,
      homeRegion: environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1',
      budgetShare: config.budget_share,
      clock: () => new Date(),
    },
  }
  keepHeapSmall(20)
  const engine = await openPublishingEngine(lake.root, config.duckdb)
  try {
    if (dryRun) {
      await (json ? printPlan(engine, options, output) : showPlan(engine, options, output))
      return 0
    }
    const publication = await publishRun(engine, options)
    await reportPublication(engine, lake, runId, publication)
    output.print(
      json
        ? `${JSON.stringify(publication, undefined, 2)}\n`
        : `${publicationLines(publication).map(visible).join('\n')}\n`,
    )
    return 0
  } finally {
    engine.close()
  }
}

/** A JSON array, one planned finding a line. */
async function printPlan(engine: Engine, options: PublishOptions, output: Output): Promise<void> {
  let separator = '[\n'
  for await (const rows of planPublication(engine, options)) {
    for (const row of rows) {
      output.print(separator + JSON.stringify(planned(row)))
      separator = ',\n'
    }
  }
  output.print(separator === '[\n' ? '[]\n' : '\n]\n')
}

async function showPlan(engine: Engine, options: PublishOptions, output: Output): Promise<void> {
  const counts = new Map<string, number>()
  const table = new Table({
    head: ['action', 'hub', 'finding', 'why'],
    style: { head: [], border: [] },
  })
  let total = 0
  for await (const rows of planPublication(engine, options)) {
    for (const row of rows) {
      const { action, target_account, target_region, finding_id, why, hub_status } = planned(row)
      counts.set(action, (counts.get(action) ?? 0) + 1)
      const hub = `${target_account} ${target_region}${hub_status === 'on' ? '' : ` (${hub_status})`}`
      if (total++ < SHOWN) table.push([action, hub, finding_id, visible(why)])
    }
  }
  const summed = [...counts].map(([action, count]) => `${count} ${action}`).sort()
  if (total > 0) output.print(`${table.toString()}\n`)
  if (total > SHOWN) output.print(`… and ${total - SHOWN} more; --json prints them all\n`)
  output.print(
    total === 0
      ? 'Nothing would be sent: Security Hub is up to date\n'
      : `${total} findings would be sent: ${summed.join(', ')}\n`,
  )
}

const SAID = [
  'action',
  'why',
  'finding_id',
  'control_id',
  'account_id',
  'region',
  'target_account',
  'target_region',
  'hub_status',
  'resource_arn',
  'compliance',
  'record_state',
  'reason',
] as const

function planned(row: PlannedRow): Record<(typeof SAID)[number], string> {
  const said = SAID.map((name) => [name, String(row[name] ?? '')])
  return Object.fromEntries(said) as Record<(typeof SAID)[number], string>
}
