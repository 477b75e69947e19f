import { type AuditOptions, audit } from '../audit.ts'
import { loadConfig } from '../config/load.ts'
import type { ConfigInput } from '../config/schema.ts'
import { keepHeapSmall } from '../small-heap.ts'
import { UsageError } from '../usage-error.ts'
import { present } from './conclude.ts'
import type { ExitCode, Output } from './output.ts'
import { profileCredentials } from './profile.ts'
import { showProgress } from './progress.ts'

/** The flags of `audit`, as they were given. */
export interface AuditFlags extends Partial<ConfigInput> {
  config?: string
  profile?: string
  resume?: string
  json: boolean
  publish?: boolean
}

export interface Environment {
  AWS_REGION?: string | undefined
  AWS_DEFAULT_REGION?: string | undefined
  AWS_ENDPOINT_URL?: string | undefined
}

/** `strongroom audit`: the ordinary AWS credential chain, Region and endpoint. */
export async function runAudit(
  flags: AuditFlags,
  output: Output,
  { environment, signal }: { environment: Environment; signal: AbortSignal },
): Promise<ExitCode> {
  const { config: file, profile, resume, json, publish = false, ...overrides } = flags
  const config = await loadConfig(file, overrides)
  const progress = showProgress(output)
  let runId: string | undefined
  const options: AuditOptions = {
    config,
    lake: config.lake,
    endpoint: environment.AWS_ENDPOINT_URL,
    region: environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1',
    clock: () => new Date(),
    resume,
    signal,
    publish,
    onProgress(event) {
      if (event.type === 'discovered') runId = event.run_id
      progress.on(event)
    },
    credentials: profileCredentials(profile),
  }
  keepHeapSmall(50)
  try {
    const result = await audit(options)
    progress.stop()
    return present(result, { json, failOn: config.fail_on }, output)
  } catch (error) {
    progress.stop()
    if (runId === undefined || error instanceof UsageError) throw error
    const goesOn = `strongroom audit --resume ${runId} --lake ${config.lake} goes on`
    if (signal.aborted) {
      output.note(`stopped; ${goesOn}`)
      return 3
    }
    output.note(`${goesOn}, when what is named below is mended`)
    throw error
  } finally {
    progress.stop()
  }
}
