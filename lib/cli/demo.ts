import { readdir } from 'node:fs/promises'
import { audit } from '../audit.ts'
import { loadConfig } from '../config/load.ts'
import { UsageError } from '../usage-error.ts'
import { present } from './conclude.ts'
import type { ExitCode, Output } from './output.ts'
import { showProgress } from './progress.ts'
import { simulate, simulatedSettings } from './simulated.ts'

/** What a lake may hold: a folder with anything else in it is somebody's, and nothing is written there. */
const LAKE_FOLDERS = new Set([
  ...['runs', 'staging', 'inventory', 'findings', 'scores', 'reports'],
  ...['hub_state', 'hub_plans', 'publications', 'hubs'],
])

/** `strongroom demo`: audits a simulated organization; no AWS account and no credentials are needed. */
export async function runDemo(
  { lake, seed, json }: { lake: string; seed: number; json: boolean },
  output: Output,
  { signal }: { signal: AbortSignal },
): Promise<ExitCode> {
  await refuseForeignFolder(lake)
  const { organization, simulator } = await simulate({ seed, now: new Date() })
  const progress = showProgress(output)
  try {
    const { state, credentials, externalId, roleName } = organization
    output.note(
      `a simulated organization of ${state.accounts.size} accounts answers at ${simulator.url}`,
    )
    const config = await loadConfig(undefined, {
      role_name: roleName,
      external_id: externalId,
      lake,
      settings: simulatedSettings,
    })
    const result = await audit({
      config,
      lake,
      credentials,
      endpoint: simulator.url,
      region: state.homeRegion,
      clock: () => new Date(),
      onProgress: progress.on,
      signal,
    })
    progress.stop()
    return present(result, { json, failOn: undefined }, output)
  } catch (error) {
    progress.stop()
    if (!signal.aborted) throw error
    output.note('stopped; strongroom demo begins anew')
    return 3
  } finally {
    progress.stop()
    await simulator.close()
  }
}

async function refuseForeignFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new UsageError(`cannot write to ${folder}: ${error.message}`, { cause: error })
  })
  const foreign = names.filter((name) => !LAKE_FOLDERS.has(name))
  if (foreign.length > 0) {
    throw new UsageError(`${folder} is no lake: it holds ${foreign.slice(0, 3).join(', ')}`)
  }
}
