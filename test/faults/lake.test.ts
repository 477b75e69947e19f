import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProgressEvent } from '../../lib/audit.ts'
import {
  type FoundFinding,
  findingsOf,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from '../support/simulated.ts'

const PROGRAM = new URL('../../bin/strongroom.ts', import.meta.url).pathname

let simulated: SimulatedOrganization
let undisturbed: FoundFinding[]

beforeAll(async () => {
  simulated = await simulate({ accounts: 3, regions: 1, story: false })
  const whole = await simulated.audit()
  undisturbed = await findingsOf(whole.lake, whole.run_id)
})
afterAll(() => simulated.close())

/** The program as a shell would start it; no file of it may be larger than that many kilobytes, where a limit is given. */
async function strongroom(args: string[], limit: number | 'unlimited' = 'unlimited') {
  const { credentials } = simulated.organization
  const shell = ['-c', `ulimit -f ${limit} && exec "$@"`, 'bash', process.execPath, PROGRAM]
  const child = spawn('bash', [...shell, ...args], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: '/nonexistent',
      AWS_EC2_METADATA_DISABLED: 'true',
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
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { code, stdout, stderr }
}

const flags = (lake: string) => [
  'audit',
  ...['--lake', lake, '--external-id', simulated.organization.externalId],
  ...['--role-name', simulated.organization.roleName],
]

/** What is left of files that were begun and not finished. */
const unfinished = (lake: string) => globSync(join(lake, '**/*.tmp'))

describe('a disk without room', () => {
  test('for what was read: ends with 3, says why and how to go on, and going on reads it all', async () => {
    const lake = await temporaryFolder()
    const full = await strongroom(flags(lake), 16)
    expect(full.code).toBe(3)
    expect(full.stderr).toContain('could not audit: what was read cannot be written')
    expect(full.stderr).toContain('EFBIG')
    const [run = ''] = await readdir(join(lake, 'runs'))
    expect(full.stderr).toContain(`strongroom audit --resume ${run} --lake ${lake} goes on`)
    expect(globSync(join(lake, 'reports/**'))).toEqual([])
    expect(unfinished(lake)).toEqual([])

    const resumed = await strongroom([...flags(lake), '--resume', run, '--json'])
    expect(resumed.stderr).not.toContain('could not audit')
    expect(resumed.code).toBe(0)
    expect(JSON.parse(resumed.stdout).unread).toEqual([])
  })

  test('for anything: ends with 3 and says why', async () => {
    const lake = await temporaryFolder()
    const full = await strongroom(flags(lake), 0)
    expect(full.code).toBe(3)
    expect(full.stderr).toMatch(/could not audit: .*EFBIG/)
    expect(unfinished(lake)).toEqual([])
  })
})

test('a lake whose folder is a file is refused with 3, by its name', async () => {
  const lake = join(await temporaryFolder(), 'lake')
  await writeFile(lake, '')
  const refused = await strongroom(flags(lake))
  expect(refused.code).toBe(3)
  expect(refused.stderr).toMatch(/could not audit: .*(ENOTDIR|EEXIST)/)
  expect(refused.stderr).toContain(lake)
})

describe('a lake that cannot be written to any more', () => {
  let lake: string
  let run: string

  beforeAll(async () => {
    lake = await temporaryFolder()
  })

  /** A file in a folder's place refuses everything that is to be put there, to root as well. */
  async function close(folder: string): Promise<void> {
    await mkdir(join(lake, folder), { recursive: true })
    await rename(join(lake, folder), join(lake, `${folder}.aside`))
    await writeFile(join(lake, folder), '')
  }

  async function open(folder: string): Promise<void> {
    await rm(join(lake, folder))
    await rename(join(lake, `${folder}.aside`), join(lake, folder))
  }

  const stages: [string, string, (event: ProgressEvent) => boolean][] = [
    ['its parts while accounts are read', 'staging', ({ type }) => type === 'slice'],
    ['what is answered', 'runs', ({ type }) => type === 'discovered'],
    ['the inventory', 'inventory', (event) => event.type === 'step' && event.name === 'compact'],
    ['the report', 'reports', (event) => event.type === 'step' && event.name === 'report'],
  ]

  test.each(stages)('to take %s ends the run', async (_, folder, strikes) => {
    let closed: Promise<void> | undefined
    const audited = simulated.audit({
      lake,
      resume: run,
      onProgress(event) {
        if (event.type === 'discovered') run = event.run_id
        if (strikes(event)) closed ??= close(folder)
      },
    })
    await expect(audited).rejects.toThrow()
    expect(closed).toBeDefined()
    await closed
    await open(folder)
    expect(globSync(join(lake, 'reports/**/summary.json'))).toEqual([])
  })

  test('is gone on with when it can: nothing half counts, and what is found is what there is', async () => {
    const result = await simulated.audit({ lake, resume: run })
    expect(result.summary.unread).toEqual([])
    expect(await findingsOf(lake, run)).toEqual(undisturbed)
  })
})
