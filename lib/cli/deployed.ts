import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { AthenaClient } from '@aws-sdk/client-athena'
import { loadConfig } from '../config/load.ts'
import { openAthena } from '../engine/athena.ts'
import { openDuckdb } from '../engine/duckdb.ts'
import type { Engine } from '../engine/engine.ts'
import { inspectSql } from '../engine/portable-sql.ts'
import { UsageError } from '../usage-error.ts'
import { profileCredentials } from './profile.ts'

/**
 * The lake in AWS, through Athena, as the deployment of a configuration names it. Statements are parsed here, by DuckDB.
 * @throws UsageError where the configuration says nothing of a deployment
 */
export async function openDeployed(
  file: string | undefined,
  { profile, signal }: { profile?: string | undefined; signal?: AbortSignal | undefined },
): Promise<Engine> {
  const { deployment } = await loadConfig(file)
  if (!deployment) {
    throw new UsageError(
      '--engine athena needs a --config with a deployment; docs/deploy.md has one',
    )
  }
  const { name, region } = deployment
  const credentials = profileCredentials(profile)
  const client = new AthenaClient({
    region,
    ...(credentials ? { credentials } : {}),
  })
  const parser = await openDuckdb({ lake: tmpdir(), tables: {} })
  const engine = openAthena({
    client,
    database: name,
    workgroup: name,
    sleep: (milliseconds) => sleep(milliseconds),
    inspect: (sql) => inspectSql(parser, sql),
    ...(signal ? { signal } : {}),
  })
  return {
    ...engine,
    close() {
      parser.close()
      client.destroy()
    },
  }
}

/** The newest run that was scored to its end. */
export async function newestDeployedRun(engine: Engine): Promise<string> {
  const { rows } = await engine.query(
    `select max(run_id) as run_id from ${engine.dialect.lakeTable('scores')}`,
  )
  const runId = rows[0]?.run_id
  if (typeof runId !== 'string') throw new UsageError('no run of this deployment is complete yet')
  return runId
}
