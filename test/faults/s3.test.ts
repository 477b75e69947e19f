import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AwsSettings, callerSession, type Session } from '../../lib/aws/session.ts'
import { openS3Lake } from '../../lib/lake/s3-lake.ts'
import { beginRun } from '../../lib/pipeline/begin-run.ts'
import { closePass } from '../../lib/pipeline/close-pass.ts'
import { collectOne } from '../../lib/pipeline/collect-one.ts'
import type { PlannedUnit } from '../../lib/pipeline/payloads.ts'
import { readLines } from '../../lib/pipeline/run-files.ts'
import { type FakeS3, type S3Fault, startFakeS3 } from '../support/fake-s3.ts'
import { NOW, type SimulatedOrganization, simulate, temporaryFolder } from '../support/simulated.ts'

const SLOW_DOWN = { status: 503, code: 'SlowDown' }
const INTERNAL_ERROR = { status: 500, code: 'InternalError' }

let s3: FakeS3
beforeAll(async () => {
  s3 = await startFakeS3()
})
afterAll(() => s3.close())
beforeEach(() => {
  s3.misbehave = () => undefined
})

/** What passes in S3; bodies break off where there are any. */
const PASSING: [string, S3Fault, string[]][] = [
  ['is told to slow down', SLOW_DOWN, ['GET', 'PUT', 'POST']],
  ['meets an internal error', INTERNAL_ERROR, ['GET', 'PUT', 'POST']],
  ['loses its connection', 'reset', ['GET', 'PUT', 'POST']],
  ['gets no answer to what was done', 'answer lost', ['GET', 'PUT', 'POST']],
  ['gets half of a body', 'broken off', ['GET']],
]

describe.each(PASSING)('a lake in a bucket that %s, every other time,', (title, fault, methods) => {
  test('does what it is asked', async () => {
    const lake = openS3Lake(`s3://lake/${title.replaceAll(' ', '-')}`, s3.client)
    const folder = await temporaryFolder()
    let struck = 0
    s3.misbehave = ({ method, nth }) => {
      if (nth % 2 === 0 || !methods.includes(method)) return undefined
      struck++
      return fault
    }
    await lake.write('runs/1/run.json', '{"näh": 1}')
    expect(await lake.read('runs/1/run.json')).toBe('{"näh": 1}')
    expect(await lake.createIfAbsent('runs/1/a.json', 'first')).toBe(true)
    expect(await lake.createIfAbsent('runs/1/a.json', 'second')).toBe(false)
    expect(await lake.read('runs/1/a.json')).toBe('first')
    await writeFile(join(folder, 'x'), 'a file')
    await lake.upload('staging/x', join(folder, 'x'))
    await lake.place('staging/y', (path) => writeFile(path, 'another'))
    await lake.write('staging/z', 'a third')
    expect(await lake.list('staging')).toEqual(['staging/x', 'staging/y', 'staging/z'])
    expect(await lake.lend('staging/x', (path) => readFile(path, 'utf8'))).toBe('a file')
    await lake.remove('staging')
    expect(await lake.list('staging')).toEqual([])
    expect(struck).toBeGreaterThan(3)
  })
})

describe('a step of the pipeline whose bucket', () => {
  const clock = () => NOW
  const event = { execution: 'one', started_at: NOW.toISOString(), input: {} }
  let simulated: SimulatedOrganization
  let aws: AwsSettings
  let caller: Session

  beforeAll(async () => {
    simulated = await simulate({ accounts: 3, regions: 1, story: false })
    const { credentials } = simulated.organization
    const { url: endpoint } = simulated.simulator
    aws = { credentials, endpoint, homeRegion: 'us-east-1', budgetShare: 1, clock }
    caller = callerSession(aws, 'caller')
  })
  afterAll(async () => {
    caller.close()
    await simulated.close()
  })

  const lakeOf = (name: string) => openS3Lake(`s3://${name}`, s3.client)
  const begin = (name: string) =>
    beginRun(event, { lake: lakeOf(name), config: simulated.config, aws, caller })
  const collect = async (name: string, run_id: string, unit: PlannedUnit) =>
    collectOne(
      { run_id, unit },
      {
        lake: lakeOf(name),
        aws,
        caller,
        deadline: new AbortController().signal,
        folder: await temporaryFolder(),
      },
    )
  const answersIn = (name: string) =>
    [...s3.objects.keys()].filter((key) => key.startsWith(`/${name}/`) && key.includes('/answers/'))

  test.each([
    ['refuses', SLOW_DOWN],
    ['fails', INTERNAL_ERROR],
    ['hangs up', 'reset' as const],
  ])(
    '%s every write ends, counts for nothing, and is done by its next attempt',
    async (title, fault) => {
      const name = title.replaceAll(' ', '-')
      const state = await begin(name)
      const [unit] = await readLines<PlannedUnit>(lakeOf(name), state.units_key)
      if (!unit) throw new Error('no unit is planned')
      s3.misbehave = ({ method }) => (method === 'PUT' ? fault : undefined)
      await expect(collect(name, state.run_id, unit)).rejects.toThrow()
      expect(answersIn(name)).toEqual([])
      s3.misbehave = () => undefined
      expect(await collect(name, state.run_id, unit)).toMatchObject({ counts: true, open: 0 })
      expect(answersIn(name)).toHaveLength(1)
    },
  )

  test('never took the answer of a worker is gone over again', async () => {
    const state = await begin('lost')
    const lake = lakeOf('lost')
    const units = await readLines<PlannedUnit>(lake, state.units_key)
    const [unit, ...others] = units as [PlannedUnit, ...PlannedUnit[]]
    s3.misbehave = ({ method }) => (method === 'PUT' ? SLOW_DOWN : undefined)
    await expect(collect('lost', state.run_id, unit)).rejects.toMatchObject({
      cause: { name: 'SlowDown' },
    })
    s3.misbehave = () => undefined
    for (const other of others) await collect('lost', state.run_id, other)
    const next = await closePass(state, { lake })
    expect(next).toMatchObject({ pass: 2, open: 1 })
    const again = await readLines<PlannedUnit>(lake, next.units_key)
    expect(again.map((one) => one.unit)).toEqual([unit.unit])
  })
})
