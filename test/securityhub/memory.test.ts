import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { STREAMED_ROWS } from '../../lib/engine/duckdb.ts'
import type { Engine } from '../../lib/engine/engine.ts'
import { CALL_FINDINGS } from '../../lib/securityhub/asff.ts'
import { publishRun } from '../../lib/securityhub/publish.ts'
import { ROWS_AT_ONCE } from '../../lib/securityhub/store.ts'
import { A, AUDIT, B, HERE, HOME, type Hubs, judges, openHubs } from './synthetic.ts'

const CONCURRENCY = 2
const PLACES = [AUDIT, A, B].flatMap((account) => [HERE, HOME].map((region) => [account, region]))

let hubs: Hubs
beforeEach(async () => {
  hubs = await openHubs()
})
afterEach(() => hubs.close())

/** A SELECT of so many findings of each hub. */
function judged(each: number, reason: string): string {
  const { id, severity, family } = judges.resource
  const places = PLACES.map(([account, region]) => `('${account}', '${region}')`).join(', ')
  const volume = "'arn:aws:ec2:' || p.region || ':' || p.account_id || ':volume/vol-' || n"
  return `select p.account_id, p.region, timestamp '2026-11-23' as observed_at,
    'strongroom/${id}/' || p.account_id || '/' || p.region || '/' || substr(sha256(${volume}), 1, 32) as finding_id,
    ${volume} as resource_arn, 'AwsEc2Volume' as resource_type, cast(null as varchar) as related_arn,
    'fail' as status, '${reason}' as reason, '${severity}' as severity, '${family}' as family
  from (values ${places}) as p(account_id, region) cross join range(${each}) as t(n)`
}

interface Seen {
  /** Findings read of the plan that no hub had been sent yet, at most. */
  ahead: number
  /** Rows of the longest answer that was read whole. */
  answered: number
  /** Rows of the longest part that one statement wrote. */
  copied: number
  accepted: number
}

/** Publishes slices of `slice` findings and watches what goes through the engine and arrives at the hubs. */
async function watched(each: number, reason: string, slice: number): Promise<Seen> {
  const run = await hubs.run(judged(each, reason))
  const seen: Seen = { ahead: 0, answered: 0, copied: 0, accepted: 0 }
  let [read, arrived] = [0, 0]
  for (const [account = '', region = ''] of PLACES) {
    hubs.hub(account, region).refuse = () => {
      arrived++
      return undefined
    }
  }
  const watching = (engine: Engine): Engine => ({
    ...engine,
    async query(sql) {
      const answer = await engine.query(sql)
      seen.answered = Math.max(seen.answered, answer.rows.length)
      return answer
    },
    async copyToParquet(sql, path) {
      const rows = await engine.copyToParquet(sql, path)
      seen.copied = Math.max(seen.copied, rows)
      return rows
    },
    async *stream(sql) {
      for await (const rows of engine.stream(sql)) {
        read += rows.length
        seen.ahead = Math.max(seen.ahead, read - arrived)
        yield rows
      }
    },
  })
  const options = await hubs.optionsOf(run, { concurrency: CONCURRENCY })
  const publication = await hubs.withEngine((engine) =>
    publishRun(watching(engine), { ...options, sliceFindings: slice }),
  )
  return { ...seen, accepted: publication.accepted }
}

test('what is held at once hangs on the calls under way and on the slice, not on the findings', async () => {
  const few = await watched(10, 'seen', 1_000)
  expect(few.accepted).toBe(10 * PLACES.length)
  for (const reason of ['other', 'another']) {
    const many = await watched(1_100, reason, 1_000)
    expect(many.accepted).toBe(1_100 * PLACES.length)
    // One slice is one hub's findings here, the piece that is read and what is under way or gathered for the next call.
    expect(many.copied).toBe(1_100)
    expect(many.ahead).toBeLessThanOrEqual(STREAMED_ROWS + (CONCURRENCY + 1) * CALL_FINDINGS)
    expect(many.answered).toBe(few.answered)
  }
}, 240_000)

test('receipts are written in small groups of rows', async () => {
  await watched(400, 'seen', 1_000)
  const [groups] = await hubs.withEngine(
    async (engine) =>
      (
        await engine.query(`select count(distinct row_group_id) as n, max(row_group_num_rows) as most
          from parquet_metadata('${hubs.folder}/publications/*/*/*.parquet')`)
      ).rows,
  )
  expect(groups).toEqual({ n: Math.ceil((400 * PLACES.length) / ROWS_AT_ONCE), most: ROWS_AT_ONCE })
}, 60_000)

// The table of recovery points is declared where they are collected: with the client of AWS Backup.
test.each([
  ['lib/cli/publish.ts', 'client-backup client-securityhub client-sts'],
  ['lambdas/publish.ts', 'client-athena client-backup client-s3 client-securityhub client-sts'],
])(
  '%s loads the clients of no services but its own',
  async (module, clients) => {
    const watching = `
      import { registerHooks } from 'node:module'
      const clients = new Set()
      registerHooks({
        load(url, context, next) {
          const client = /@aws-sdk\\/(client-[\\w-]+)/.exec(url)?.[1]
          if (client) clients.add(client)
          return next(url, context)
        },
      })
      await import(${JSON.stringify(new URL(`../../${module}`, import.meta.url))})
      process.stdout.write([...clients].sort().join(' '))`
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      watching,
    ])
    expect(stdout.trim()).toBe(clients)
  },
  60_000,
)
