import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Run } from '../../lib/run.ts'
import type { Fault } from '../../simulator/faults.ts'
import { A, B, CREDENTIALS, HERE, HOME, type Hubs, type Judged, openHubs } from './synthetic.ts'

const COUNT = 60
const PLACES = [
  [A, HERE],
  [A, HOME],
  [B, HERE],
  [B, HOME],
] as const

let hubs: Hubs
beforeEach(async () => {
  hubs = await openHubs()
})
afterEach(() => hubs.close())

/** Resources of each hub, the n-th judged by its number. */
function judged(status: (index: number) => Judged['status'] | undefined): Judged[] {
  return PLACES.flatMap(([account, region]) =>
    Array.from({ length: COUNT }, (_, index) => {
      const arn = `arn:aws:ec2:${region}:${account}:volume/vol-${String(index).padStart(3, '0')}`
      const judgement = status(index)
      return judgement ? [{ account, region, arn, status: judgement }] : []
    }).flat(),
  )
}

/** Fails; then half is fixed, some are waived, some are gone, some are new. */
const BEFORE = judged((index) => (index < 40 ? 'fail' : undefined))
const AFTER = judged((index) => {
  if (index < 10) return 'pass'
  if (index < 15) return 'waived'
  if (index < 20) return undefined
  return 'fail'
})
const EXPECTED = PLACES.flatMap(([account, region]) =>
  Array.from({ length: COUNT }, (_, index) => {
    const arn = `arn:aws:ec2:${region}:${account}:volume/vol-${String(index).padStart(3, '0')}`
    if (index < 10) return `${account} ${region} ${arn}: PASSED ACTIVE PASSED`
    if (index < 15) return `${account} ${region} ${arn}: FAILED ARCHIVED WAIVED`
    if (index < 20) return `${account} ${region} ${arn}: FAILED ARCHIVED RESOURCE_GONE`
    return `${account} ${region} ${arn}: FAILED ACTIVE FAILED`
  }),
).sort()

test('throttles, errors, resets, lost answers and partial failures end in the same state', async () => {
  const kinds: Fault['kind'][] = ['throttle', 'internal_error', 'reset', 'truncated_body']
  const faults = kinds.map((kind) => ({ kind, operation: 'securityhub:*', rate: 0.08 }))
  hubs.simulator.addFaults(...faults)
  let seen = 0
  for (const [account, region] of PLACES) {
    hubs.hub(account, region).refuse = () => (++seen % 3 === 0 ? 'InternalError' : undefined)
  }
  for (const judgements of [BEFORE, AFTER]) {
    let left = 1
    for (let runs = 0; left > 0; runs++) {
      expect(runs).toBeLessThan(15)
      const { accepted, sent, not_sent } = await hubs.publish(await hubs.run(judgements))
      left = sent + not_sent - accepted
    }
  }
  expect(hubs.told()).toEqual(EXPECTED)
}, 120_000)

test('killed at ten points of the way, the next publication ends in the same state', async () => {
  await hubs.publish(await hubs.run(BEFORE))
  const run = await hubs.run(AFTER)
  const points = [1, 4, 6, 8, 9, { import: 1 }, { import: 2 }, { import: 3 }, { import: 4 }, 10]
  const unfinished: unknown[] = []
  for (const point of points) {
    const child = publishIn(run, typeof point === 'number' ? point : 0)
    if (typeof point !== 'number') killAt(child, point.import)
    const [code, signal] = await once(child, 'exit')
    unfinished.push([code, signal])
  }
  expect(unfinished).toEqual(points.map(() => [null, 'SIGKILL']))
  await hubs.publish(run)
  expect(hubs.told()).toEqual(EXPECTED)
  expect((await hubs.publish(run)).sent).toBe(0)
}, 120_000)

test('killed, and never published again: a later run makes good what it may have sent', async () => {
  const run = await hubs.run(BEFORE)
  const child = publishIn(run, 0)
  killAt(child, 3)
  expect((await once(child, 'exit'))[1]).toBe('SIGKILL')
  expect(hubs.told().length).toBeGreaterThan(0)
  const later = await hubs.run(judged((index) => (index < 40 ? 'pass' : undefined)))
  await hubs.publish(later)
  expect(hubs.told().filter((line) => line.includes('FAILED'))).toEqual([])
})

/** Publishes in a process of its own, which kills itself at the nth call of the lake. */
function publishIn(run: Run, nth: number): ChildProcess {
  const script = new URL('../support/killed-publish.ts', import.meta.url).pathname
  const task = {
    endpoint: hubs.simulator.url,
    folder: hubs.folder,
    run,
    credentials: CREDENTIALS,
    external_id: 'secret',
    now: hubs.clock(),
    nth,
  }
  return spawn(process.execPath, [script, JSON.stringify(task)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Kills the process when that many hubs, counted from now, have begun to take what it sends. */
function killAt(child: ChildProcess, nth: number): void {
  const begun = new Set<string>()
  for (const [account, region] of PLACES) {
    hubs.hub(account, region).refuse = () => {
      begun.add(`${account} ${region}`)
      if (begun.size === nth) child.kill('SIGKILL')
      return undefined
    }
  }
}
