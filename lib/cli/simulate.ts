import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { parseFaults } from '../../simulator/faults.ts'
import { UsageError } from '../usage-error.ts'
import type { ExitCode, Output } from './output.ts'
import { simulate } from './simulated.ts'

export interface SimulateFlags {
  port: number
  accounts?: number
  regions?: number
  seed: number
  faults?: string
  latency: number
  truth?: string
}

/** `strongroom simulate`: the simulated organization alone, for any AWS client, until it is interrupted. */
export async function runSimulate(
  flags: SimulateFlags,
  output: Output,
  { signal }: { signal: AbortSignal },
): Promise<ExitCode> {
  const faults = flags.faults ? await readFaults(flags.faults) : undefined
  const { organization, simulator } = await startSimulated(flags, faults)
  const { credentials, externalId, roleName, state, truth } = organization
  if (flags.truth) await writeFile(flags.truth, `${JSON.stringify(truth, undefined, 2)}\n`)
  output.print(
    [
      `# ${state.accounts.size} accounts, ${state.regions.length} Regions at ${simulator.url}`,
      `# every account has the role ${roleName}; its external id is ${externalId}`,
      `export AWS_ENDPOINT_URL=${simulator.url}`,
      `export AWS_REGION=${state.homeRegion}`,
      // boto3 and the AWS CLI v1 know this one only.
      `export AWS_DEFAULT_REGION=${state.homeRegion}`,
      `export AWS_ACCESS_KEY_ID=${credentials.accessKeyId}`,
      `export AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}`,
      '',
    ].join('\n'),
  )
  if (!signal.aborted) await once(signal, 'abort')
  await simulator.close()
  return 0
}

async function startSimulated(
  flags: SimulateFlags,
  faults: ReturnType<typeof parseFaults> | undefined,
) {
  const { port, accounts, regions, seed, latency: latencyMs } = flags
  try {
    return await simulate({ seed, port, accounts, regions, latencyMs, now: new Date(), faults })
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new UsageError(cause.message, { cause })
  }
}

async function readFaults(file: string): Promise<ReturnType<typeof parseFaults>> {
  try {
    return parseFaults(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`cannot use the faults of ${file}: ${why}`, { cause })
  }
}
