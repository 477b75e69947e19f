import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AUDIT, CREDENTIALS, judges, openHubs } from '../test/securityhub/synthetic.ts'
import type { PublishTask } from './publish-process.ts'
import { round } from './round.ts'

const REGIONS = ['eu-west-1', 'us-east-1', 'eu-central-1', 'us-west-2', 'eu-north-1']

export interface PublishBenchmark {
  accounts: number
  /** In each account and Region; each number is measured for itself. */
  findings: number[]
  latencyMs: number
}

/** Publishes few findings and many to the same number of hubs. */
export async function publishFindings({ findings, ...of }: PublishBenchmark) {
  const measured: Awaited<ReturnType<typeof publishTwice>>[] = []
  for (const each of findings) measured.push(await publishTwice({ ...of, findings: each }))
  return measured
}

/** Publishes to Security Hubs that hold nothing yet, then once more when every finding changed. The simulator keeps AWS's quotas. */
async function publishTwice({
  accounts,
  findings,
  latencyMs,
}: {
  accounts: number
  findings: number
  latencyMs: number
}) {
  const ids = [
    AUDIT,
    ...Array.from({ length: accounts - 1 }, (_, n) => String(222_222_000_000 + n)),
  ]
  const hubs = await openHubs({ accounts: ids, regions: REGIONS.length, quotas: true, latencyMs })
  try {
    const first = await publishIn(await hubs.run(judged(ids, findings, 'seen')), hubs)
    const second = await publishIn(await hubs.run(judged(ids, findings, 'other')), hubs)
    const all = accounts * REGIONS.length * findings
    return { hubs: accounts * REGIONS.length, findings: all, first, second }
  } finally {
    await hubs.close()
  }
}

/** A SELECT of findings that fail. */
function judged(ids: string[], findings: number, reason: string): string {
  const accounts = ids.map((id) => `('${id}')`).join(', ')
  const regions = REGIONS.map((region) => `('${region}')`).join(', ')
  const { id, severity, family } = judges.resource
  const volume = "'arn:aws:ec2:' || r.region || ':' || a.account_id || ':volume/vol-' || n"
  return `select a.account_id, r.region, timestamp '2026-11-23' as observed_at,
    'strongroom/${id}/' || a.account_id || '/' || r.region || '/' || substr(sha256(${volume}), 1, 32) as finding_id,
    ${volume} as resource_arn, 'AwsEc2Volume' as resource_type, cast(null as varchar) as related_arn,
    'fail' as status, '${reason}' as reason, '${severity}' as severity, '${family}' as family
  from (values ${accounts}) as a(account_id) cross join (values ${regions}) as r(region)
  cross join range(${findings}) as t(n)`
}

/** In a process of its own, so that the memory is the publisher's. */
async function publishIn(run: PublishTask['run'], hubs: Awaited<ReturnType<typeof openHubs>>) {
  const script = new URL('publish-process.ts', import.meta.url).pathname
  const task: PublishTask = {
    endpoint: hubs.simulator.url,
    folder: hubs.folder,
    run,
    credentials: CREDENTIALS,
    external_id: 'secret',
    now: hubs.clock().toISOString(),
    concurrency: 16,
  }
  const file = 'runs/publish-task.json'
  await hubs.lake.write(file, JSON.stringify(task))
  const before = hubs.imports()
  const { stdout } = await promisify(execFile)(process.execPath, [script, hubs.lake.path(file)])
  const { seconds, cpu_seconds, memory, publication } = JSON.parse(stdout)
  const { accepted, refused, unsure, not_sent, retries, throttles } = publication
  const rounded = Object.entries<number>(memory).map(([name, value]) => [name, round(value)])
  return {
    ...{ accepted, refused, unsure, not_sent, retries, throttles },
    calls: publication.api_calls,
    imports: hubs.imports() - before,
    seconds: round(seconds),
    cpu_seconds: round(cpu_seconds),
    memory: Object.fromEntries(rounded),
  }
}
