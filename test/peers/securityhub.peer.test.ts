import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  freePort,
  type Outcome,
  python,
  startServer,
  stopServer,
  strongroom,
  venv,
} from './peers.ts'

interface Held {
  hub: string
  finding: { Id: string; AwsAccountId: string; Region: string; Title: string; RecordState: string }
}

describe('moto’s Security Hub takes what strongroom publishes', () => {
  const lake = mkdtempSync(join(tmpdir(), 'strongroom-moto-hub-'))
  let server: ChildProcess
  let endpoint: string
  let hubs: string[]
  let outcome: Outcome
  let again: Outcome
  let held: Held[]
  let report: string

  beforeAll(async () => {
    const port = String(await freePort())
    endpoint = `http://127.0.0.1:${port}`
    const { child } = await startServer(
      join(venv, 'bin/moto_server'),
      ['-p', port],
      { MOTO_EC2_LOAD_DEFAULT_AMIS: 'false' },
      (printed) => printed.includes(`Running on ${endpoint}`) || undefined,
    )
    server = child
    const filled = await python<{ management: string; members: string[]; regions: string[] }>(
      'fill_moto.py',
      [endpoint],
    )
    const accounts = [filled.management, ...filled.members].join(',')
    const regions = filled.regions.join(',')
    hubs = [endpoint, accounts, regions]
    await python('securityhub.py', ['enable', ...hubs])
    const variables = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
    }
    const place = ['--lake', lake]
    outcome = await strongroom(
      ['audit', ...place, '--regions', regions, '--publish', '--json'],
      variables,
    )
    const [run = ''] = readdirSync(join(lake, 'reports'))
    report = join(lake, 'reports', run)
    again = await strongroom(['publish', ...place, '--run', run, '--json'], variables)
    held = await python<Held[]>('securityhub.py', ['held', ...hubs])
  })

  afterAll(async () => {
    if (server) await stopServer(server)
    rmSync(lake, { recursive: true, force: true })
  })

  it('accepts every finding, each in the hub of its own account and Region', () => {
    expect(outcome.code, outcome.stderr).toBe(0)
    const { publication } = JSON.parse(outcome.stdout)
    expect(publication.accepted).toBeGreaterThan(20)
    expect(publication).toMatchObject({ refused: 0, unsure: 0, not_sent: 0 })
    expect(held).toHaveLength(publication.accepted)
    expect(new Set(held.map(({ hub }) => hub)).size).toBeGreaterThan(4)
    const misplaced = held.filter(
      ({ hub, finding }) => hub !== `${finding.AwsAccountId} ${finding.Region}`,
    )
    expect(misplaced).toEqual([])
  })

  it('holds what the report says', () => {
    const reported: { Id: string }[] = JSON.parse(
      readFileSync(join(report, 'findings.asff.json'), 'utf8'),
    )
    const ids = (all: { Id: string }[]) => all.map(({ Id }) => Id).sort()
    expect(ids(held.map(({ finding }) => finding))).toEqual(ids(reported))
  })

  it('is sent nothing when nothing changed', () => {
    expect(again.code, again.stderr).toBe(0)
    expect(JSON.parse(again.stdout).sent).toBe(0)
  })

  it('botocore’s shapes have no objection', async () => {
    const file = join(report, 'findings.asff.json')
    const { documents, problems } = await python<{ documents: number; problems: string[] }>(
      'securityhub.py',
      ['validate', file],
    )
    expect(documents).toBeGreaterThan(20)
    expect(problems).toEqual([])
  })
})
