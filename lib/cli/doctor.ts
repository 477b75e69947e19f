import { loadConfig } from '../config/load.ts'
import { type Check, examine } from '../doctor.ts'
import { adviceOn } from './advice.ts'
import type { Environment } from './audit.ts'
import type { ExitCode, Output } from './output.ts'
import { profileCredentials } from './profile.ts'

export interface DoctorFlags {
  config?: string
  profile?: string
  sample: number
  json: boolean
}

const MARKS: Record<Check['status'], string> = {
  ok: 'ok     ',
  failed: 'FAILED ',
  unknown: 'unknown',
}

/** `strongroom doctor`: whether an audit could run. Ends with 3 where something is known to be wrong. */
export async function runDoctor(
  { config: file, profile, sample, json }: DoctorFlags,
  output: Output,
  { environment }: { environment: Environment },
): Promise<ExitCode> {
  const config = await loadConfig(file)
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL: endpoint } = environment
  const homeRegion = config.deployment?.region ?? AWS_REGION ?? AWS_DEFAULT_REGION ?? 'us-east-1'
  const checks = await examine({
    config,
    sample,
    aws: {
      credentials: profileCredentials(profile),
      endpoint,
      homeRegion,
      budgetShare: config.budget_share,
      clock: () => new Date(),
    },
  })
  const lines = checks.map(
    ({ status, what, detail }) => `${MARKS[status]} ${what}${detail ? ` (${detail})` : ''}\n`,
  )
  output.print(json ? `${JSON.stringify(checks, undefined, 2)}\n` : lines.join(''))
  const advice = checks.map(({ detail }) => adviceOn(detail)).find(Boolean)
  if (advice) output.note(advice)
  return checks.some(({ status }) => status === 'failed') ? 3 : 0
}
