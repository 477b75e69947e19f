import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { simulate } from '../../lib/cli/simulated.ts'
import { loadConfig } from '../../lib/config/load.ts'
import { bundleLambdas } from '../../lib/stack/bundle.ts'
import { STEPS } from '../../lib/stack/steps.ts'
import { MANAGEMENT_TEMPLATE } from '../../lib/stack/strongroom-app.ts'
import { synthesize } from '../stack/synthesized.ts'
import { type FakeS3, startFakeS3 } from '../support/fake-s3.ts'
import { temporaryFolder } from '../support/simulated.ts'
import { isolated, venv } from './peers.ts'

const run = promisify(execFile)

describe('the synthesized templates', () => {
  it('are clean to cfn-lint', async () => {
    const { outdir } = await synthesize()
    const templates = [
      'strongroom-lake.template.json',
      'strongroom.template.json',
      MANAGEMENT_TEMPLATE,
    ]
    // W3005: the CDK writes a function's dependency on its role twice, by reference and by name.
    const { stdout } = await run(
      join(venv, 'bin/cfn-lint'),
      ['--ignore-checks', 'W3005', '--', ...templates.map((name) => join(outdir, name))],
      { env: isolated({}) },
    )
    expect(stdout).toBe('')
  })
})

/** What Lambda does: loads the module, then calls its handler. */
const INVOKE = `
import { readFileSync } from 'node:fs'
const [module, event] = process.argv.slice(2)
const { handler } = await import(module)
const loaded = Math.round(performance.now())
const context = { awsRequestId: 'request', getRemainingTimeInMillis: () => 900_000 }
const result = event ? await handler(JSON.parse(event), context) : null
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024)
console.log('ANSWER ' + JSON.stringify({ result, loaded, megabytes }))
`

interface Answer {
  result: Record<string, never> | null
  loaded: number
  megabytes: number
}

describe('the bundles, alone in a folder under a plain Node', () => {
  let organization: Awaited<ReturnType<typeof simulate>>
  let s3: FakeS3
  let folder: string

  beforeAll(async () => {
    organization = await simulate({ seed: 1, accounts: 6, regions: 3, now: new Date() })
    s3 = await startFakeS3()
    folder = await temporaryFolder()
    const { externalId, roleName } = organization.organization
    const config = await loadConfig(undefined, { external_id: externalId, role_name: roleName })
    const { bytes } = await bundleLambdas(config, folder)
    console.log(
      `code in MB: ${STEPS.map((step) => `${step} ${(bytes[step] / 1e6).toFixed(1)}`).join(', ')}`,
    )
    writeFileSync(join(folder, 'invoke.mjs'), INVOKE)
  })

  afterAll(async () => {
    await s3?.close()
    await organization?.simulator.close()
  })

  async function invoke(step: string, event?: object): Promise<Answer> {
    const { credentials } = organization.organization
    const args = [`./lambdas/${step}/index.js`, ...(event ? [JSON.stringify(event)] : [])]
    const { stdout } = await run(process.execPath, ['invoke.mjs', ...args], {
      cwd: folder,
      env: isolated({
        AWS_REGION: 'us-east-1',
        AWS_ENDPOINT_URL: organization.simulator.url,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        STRONGROOM_LAKE: 's3://lake',
        STRONGROOM_LAKE_ENDPOINT: s3.url,
        STRONGROOM_DATABASE: 'strongroom',
        STRONGROOM_WORKGROUP: 'strongroom',
      }),
      maxBuffer: 1 << 28,
    })
    return JSON.parse(stdout.slice(stdout.indexOf('ANSWER ') + 'ANSWER '.length))
  }

  it.each(STEPS)('%s loads', async (step) => {
    const { loaded, megabytes } = await invoke(step)
    console.log(`${step}: loaded after ${loaded} ms, ${megabytes} MB`)
  })

  it('the report finds the parts of its page', () => {
    for (const place of ['report/index.js', 'shared/any.js']) {
      const from = createRequire(join(folder, 'lambdas', place))
      expect(existsSync(from.resolve('echarts/dist/echarts.common.min.js'))).toBe(true)
      expect(existsSync(join(folder, 'lambdas', place, '../../../lib/report/page/main.js'))).toBe(
        true,
      )
    }
  })

  it('discover, collect, reconcile, derive and compact answer their events', async () => {
    const execution = 'arn:aws:states:us-east-1:111122223333:execution:strongroom-audit:one'
    const started_at = new Date().toISOString()
    const discovered = await invoke('discover', { execution, started_at, input: {} })
    const state = discovered.result as unknown as {
      run_id: string
      open: number
      units_key: string
    }
    expect(state.open).toBeGreaterThan(2)
    const lines = s3.objects.get(`/lake/${state.units_key}`)?.toString().trim().split('\n') ?? []
    for (const line of lines) {
      const unit = JSON.parse(line)
      const { result, megabytes } = await invoke('collect', { run_id: state.run_id, unit })
      expect(result).toMatchObject({ counts: true })
      console.log(`collect ${unit.account_id}: ${megabytes} MB`)
    }
    const { result: next } = await invoke('reconcile', state)
    expect(next).toMatchObject({ pass: 2 })
    const { account_id } = JSON.parse(lines[0] ?? '')
    const derived = await invoke('derive', { run_id: state.run_id, account_id })
    expect(derived.result?.slices).toBeGreaterThan(0)
    await invoke('compact', { run_id: state.run_id })
    const staged = [...s3.objects.keys()].filter((key) => key.endsWith('/run.parquet'))
    expect(staged.length).toBeGreaterThan(10)
    const failure = await invoke('fail', { run: state, execution, error: { Error: 'Test' } })
    expect(failure.result).toMatchObject({ run_id: state.run_id, error: 'Test' })
  })
})
