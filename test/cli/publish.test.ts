import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SimulatedOrganization, simulate, temporaryFolder } from '../support/simulated.ts'

const PROGRAM = new URL('../../bin/strongroom.ts', import.meta.url).pathname

let simulated: SimulatedOrganization
let lake: string
let runId: string

beforeAll(async () => {
  simulated = await simulate({ accounts: 4, regions: 2, story: false })
  lake = await temporaryFolder()
  runId = (await simulated.audit({ lake })).run_id
})
afterAll(() => simulated.close())

async function strongroom(...args: string[]) {
  const { credentials, externalId } = simulated.organization
  const child = spawn(process.execPath, [PROGRAM, ...args, '--external-id', externalId], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: '/nonexistent',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: simulated.simulator.url,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code, stdout, stderr }
}

test('publish shows what it would send, sends it, and says so in the summary', async () => {
  const given = ['publish', '--lake', lake, '--run', runId]
  const shown = await strongroom(...given, '--dry-run')
  expect(shown.code, shown.stderr).toBe(0)
  expect(shown.stdout).toMatch(/\d+ findings would be sent: \d+ create/)
  const planned = JSON.parse((await strongroom(...given, '--dry-run', '--json')).stdout)
  expect(planned.length).toBeGreaterThan(5)
  expect(simulated.simulator.calls.has('securityhub:BatchImportFindings')).toBe(false)

  const sent = await strongroom(...given)
  expect(sent.code, sent.stderr).toBe(0)
  expect(sent.stdout).toMatch(/^Security Hub: \d+ findings accepted \(0 archived\), 0 refused/)
  const summary = JSON.parse(await readFile(join(lake, 'reports', runId, 'summary.json'), 'utf8'))
  expect(summary.publication.accepted + summary.publication.not_sent).toBe(planned.length)

  const again = await strongroom(...given, '--dry-run')
  const off = planned.filter((one: { hub_status: string }) => one.hub_status === 'off').length
  expect(again.stdout).toContain(
    off === 0 ? 'Nothing would be sent' : `${off} findings would be sent`,
  )
})

test('publish refuses a run that is not there', async () => {
  const { code, stderr } = await strongroom(
    'publish',
    '--lake',
    lake,
    '--run',
    '20200101T000000Z-abcdef',
  )
  expect(code).toBe(2)
  expect(stderr).toContain('there is no run')
})

test('publish wants to know which run', async () => {
  const { code, stderr } = await strongroom('publish', '--lake', lake)
  expect(code).toBe(2)
  expect(stderr).toContain('--run')
})
