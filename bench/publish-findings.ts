import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AUDIT, CREDENTIALS, judges, openHubs } from '../test/securityhub/synthetic.ts'
import { round } from './audit-organization.ts'

const REGIONS = ['eu-west-1', 'us-east-1', 'eu-central-1', 'us-west-2', 'eu-north-1']

export interface PublishBenchmark {
  accounts: number
  /** In each account and Region. */
  findings: number
  latencyMs: number
}

/** Publishes to Security Hubs that hold nothing yet, then once more what half of the findings changed. The simulator keeps AWS's quotas. */
export async function publishFindings({ accounts, findings, latencyMs }: PublishBenchmark) {
  const ids = [
    AUDIT,
    ...Array.from({ length: accounts - 1 }, (_, n) => String(222_222_000_000 + n)),
  ]
  const hubs = await openHubs({ accounts: ids, regions: REGIONS.length, quotas: true, latencyMs })
  try {
    const first = await publishIn(await hubs.run(judged(ids, findings, 0)), hubs)
    const second = await publishIn(await hubs.run(judged(ids, findings, 2)), hubs)
    return { accounts, regions: REGIONS.length, findings_per_hub: findings, first, second }
  } finally {
    await hubs.close()
  }
}

/** A SELECT of findings that fail; of every `changed` one the reason is another. */
function judged(ids: string[], findings: number, changed: number): string {
  const accounts = ids.map((id) => `('${id}')`).join(', ')
  const regions = REGIONS.map((region) => `('${region}')`).join(', ')
  const { id, severity, family } = judges.resource
  const volume = "'arn:aws:ec2:' || r.region || ':' || a.account_id || ':volume/vol-' || n"
  const reason =
    changed > 0 ? `case when n % ${changed} = 0 then 'other' else 'seen' end` : "'seen'"
  return `select a.account_id, r.region, timestamp '2026-11-23' as observed_at,
    'strongroom/${id}/' || a.account_id || '/' || r.region || '/' || substr(sha256(${volume}), 1, 32) as finding_id,
    ${volume} as resource_arn, 'AwsEc2Volume' as resource_type, cast(null as varchar) as related_arn,
    'fail' as status, ${reason} as reason, '${severity}' as severity, '${family}' as family
  from (values ${accounts}) as a(account_id) cross join (values ${regions}) as r(region)
  cross join range(${findings}) as t(n)`
}

/** In a process of its own, so that the memory is the publisher's. */
async function publishIn(run: object, hubs: Awaited<ReturnType<typeof openHubs>>) {
  const script = new URL('../test/support/killed-publish.ts', import.meta.url).pathname
  const task = {
    endpoint: hubs.simulator.url,
    folder: hubs.folder,
    run,
    credentials: CREDENTIALS,
    external_id: 'secret',
    now: hubs.clock(),
    nth: 0,
    concurrency: 16,
  }
  const file = `runs/publish-task.json`
  await hubs.lake.write(file, JSON.stringify(task))
  const before = hubs.imports()
  const { stdout } = await promisify(execFile)(process.execPath, [script, hubs.lake.path(file)])
  const { seconds, resident, publication } = JSON.parse(stdout)
  const { accepted, refused, unsure, not_sent, retries, throttles } = publication
  return {
    ...{ accepted, refused, unsure, not_sent, retries, throttles },
    calls: hubs.imports() - before,
    seconds: round(seconds),
    peak_resident_mb: round(resident / 1024),
  }
}
