import { type AwsSettings, callerSession } from '../../../lib/aws/session.ts'
import { openDuckdb } from '../../../lib/engine/duckdb.ts'
import { inspectSql } from '../../../lib/engine/portable-sql.ts'
import { synthesize, type Template } from '../../stack/synthesized.ts'
import {
  NOW,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from '../../support/simulated.ts'
import { startTrinoPeers, type TrinoPeers } from './environment.ts'
import type { PipelineOptions } from './pipeline.ts'

export const SCHEMA = 'strongroom'
export const REGION = 'us-east-1'
export const ATTEMPT = 'attempt-1'

/** A simulated organization, Trino for Athena, and the pipeline between them. */
export interface Stage {
  simulated: SimulatedOrganization
  peers: TrinoPeers
  /** What is deployed. */
  template: Template
  pipeline: PipelineOptions
  close(): Promise<void>
}

/** Opens it for an organization of so many accounts and Regions. */
export async function openStage(size: { accounts: number; regions: number }): Promise<Stage> {
  const peers = await startTrinoPeers()
  const simulated = await simulate(size)
  const template = (await synthesize({ region: REGION })).lakeTemplate
  const parser = await openDuckdb({ lake: await temporaryFolder(), tables: {} })
  const trino = peers.trino(SCHEMA)
  trino.inspect = (sql) => inspectSql(parser, sql)
  const aws: AwsSettings = {
    credentials: simulated.organization.credentials,
    endpoint: simulated.simulator.url,
    homeRegion: REGION,
    budgetShare: 1,
    clock: () => NOW,
  }
  const caller = callerSession(aws, 'caller')
  const pipeline: PipelineOptions = {
    lake: peers.lake,
    config: simulated.config,
    aws,
    caller,
    trino,
    database: SCHEMA,
    attempt: ATTEMPT,
  }
  return {
    simulated,
    peers,
    template,
    pipeline,
    async close() {
      parser.close()
      caller.close()
      await peers.close()
      await simulated.close()
    },
  }
}
