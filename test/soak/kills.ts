import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'vitest'
import { openLake } from '../../lib/lake/lake.ts'
import type { Fault } from '../../simulator/faults.ts'
import { allAnswers } from '../support/all-answers.ts'
import {
  type FoundFinding,
  findingsOf,
  NOW,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from '../support/simulated.ts'

const SCRIPT = new URL('killed-run.ts', import.meta.url).pathname
/** Enough services for shared and own objects, item reads, and tables derived from several. */
const SERVICES = ['backup', 'ec2', 'kms', 'iam', 'organizations']
const CONTROLS = [
  'recovery-points-are-encrypted',
  'ebs-snapshots-are-encrypted',
  'backup-keys-rotate',
  'vaults-deny-recovery-point-deletion',
]

/** What passes, and strikes everywhere: any call may be throttled, fail, be cut off or answer half. */
const STORM: Fault[] = [
  { kind: 'throttle', rate: 0.04 },
  { kind: 'internal_error', rate: 0.03 },
  { kind: 'reset', rate: 0.02 },
  { kind: 'truncated_body', rate: 0.01 },
]

interface Ended {
  run_id: string
  /** Moments at which the process might have been killed. */
  moments: number
  /** What it collected itself: account, Region and collector. */
  slices: string[]
}

/** An organization with what an undisturbed audit finds in it. */
export interface Undisturbed {
  simulated: SimulatedOrganization
  /** The same organization in a storm of faults. */
  stormy: SimulatedOrganization
  overrides: object
  findings: FoundFinding[]
  moments: number
}

export async function undisturbed(): Promise<Undisturbed> {
  const size = { accounts: 3, regions: 2, story: false }
  const [simulated, stormy] = await Promise.all([simulate(size), simulate(size)])
  stormy.simulator.addFaults(...STORM)
  const { externalId, roleName } = simulated.organization
  const overrides = {
    external_id: externalId,
    role_name: roleName,
    services: SERVICES,
    controls: CONTROLS,
  }
  const lake = await temporaryFolder()
  const ended = await audit(simulated, overrides, { lake })
  if (!ended) throw new Error('an audit that nobody killed did not end')
  const findings = await findingsOf(lake, ended.run_id)
  return { simulated, stormy, overrides, findings, moments: ended.moments }
}

/**
 * Kills an audit at a moment that the seed names, goes on with it, kills that one in every third case too, and compares what comes of it
 * with what an undisturbed audit finds. Every other seed does so in a storm. Answers how often it was killed.
 */
export async function killAndResume(seed: number, quiet: Undisturbed): Promise<number> {
  const lake = await temporaryFolder()
  const draw = (what: string, below: number) =>
    createHash('sha256').update(`${seed} ${what}`).digest().readUInt32BE() % below
  const kills = draw('kills', 3) === 0 ? 2 : 1
  let killed = 0
  for (let attempt = 0; ; attempt++) {
    const before = await finishedIn(lake)
    const nth = attempt < kills ? 1 + draw(`moment ${attempt}`, quiet.moments) : 0
    const midway = draw(`midway ${attempt}`, 2) === 0
    const organization = seed % 2 === 1 ? quiet.stormy : quiet.simulated
    const options = { lake, resume: before.run, nth, midway }
    const ended = await audit(organization, quiet.overrides, options)
    if (!ended) {
      killed++
      continue
    }
    expect(ended.slices.filter((slice) => before.slices.has(slice))).toEqual([])
    expect(await findingsOf(lake, ended.run_id)).toEqual(quiet.findings)
    if (attempt >= kills || nth === 0) return killed
  }
}

interface Attempt {
  lake: string
  resume?: string | undefined
  nth?: number
  midway?: boolean
}

/** Undefined: it was killed. */
async function audit(
  { organization, simulator }: SimulatedOrganization,
  overrides: object,
  attempt: Attempt,
): Promise<Ended | undefined> {
  const { credentials } = organization
  const task = { endpoint: simulator.url, credentials, overrides, now: NOW, ...attempt }
  const child = spawn(process.execPath, [SCRIPT, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [printed, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'close')])
  if (signal === 'SIGKILL') return undefined
  expect(code).toBe(0)
  return JSON.parse(printed)
}

/** The run that was begun, where one was, and the slices of it that count. */
async function finishedIn(lake: string): Promise<{ run?: string; slices: Set<string> }> {
  const begun = await readdir(join(lake, 'runs'), { recursive: true }).catch(() => [])
  const run = begun.find((name) => /^[^/]+\/run\.json$/.test(name))?.split('/')[0]
  if (run === undefined) return { slices: new Set() }
  const answers = await allAnswers(openLake(lake), run)
  const journals = begun.filter((name) => name.endsWith('.jsonl') && name.includes('/receipts/'))
  const texts = await Promise.all(
    journals.map((name) => readFile(join(lake, 'runs', name), 'utf8')),
  )
  const receipts = texts.flatMap((each) => each.split('\n').slice(0, -1))
  const slices = [
    ...answers.flatMap((answer) => answer.slices),
    ...receipts.map((line) => JSON.parse(line).slice),
  ].filter(({ status, transient }) => status === 'complete' || !transient)
  return {
    run,
    slices: new Set(
      slices.map(({ account_id, region, collector }) => `${account_id} ${region} ${collector}`),
    ),
  }
}
