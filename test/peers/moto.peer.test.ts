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

interface Judgement {
  control_id: string
  status: string
  account_id: string
  region: string
  resource_arn: string
}

interface Planted {
  management: string
  members: string[]
  regions: string[]
  planted: Judgement[]
}

/** Controls whose evidence moto cannot answer: nothing may pass. */
const unreadable = [
  'recovery-points-are-encrypted',
  'recovery-points-use-approved-keys',
  'vaults-have-a-policy',
  'snapshot-public-access-is-blocked',
  'rds-automated-backups-are-encrypted',
]

/** moto takes every snapshot for a public one, so that more fails here than was planted. */
const overstated = ['ebs-snapshots-are-not-public']

describe('strongroom audits an organization that boto3 made in moto', () => {
  const lake = mkdtempSync(join(tmpdir(), 'strongroom-moto-'))
  let server: ChildProcess
  let truth: Planted
  let outcome: Outcome
  let findings: Judgement[]
  let summary: { cells: Record<string, number>; score: { low: number; high: number } }

  beforeAll(async () => {
    const port = String(await freePort())
    const endpoint = `http://127.0.0.1:${port}`
    // Its own catalogue of public images would put 1,300 snapshots of strangers into every cell.
    const { child } = await startServer(
      join(venv, 'bin/moto_server'),
      ['-p', port],
      { MOTO_EC2_LOAD_DEFAULT_AMIS: 'false' },
      (printed) => printed.includes(`Running on ${endpoint}`) || undefined,
    )
    server = child
    truth = await python<Planted>('fill_moto.py', [endpoint])
    outcome = await strongroom(['audit', '--lake', lake, '--regions', truth.regions.join(',')], {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
    })
    const [run] = readdirSync(join(lake, 'reports'))
    const report = join(lake, 'reports', run ?? '')
    findings = parseCsv(readFileSync(join(report, 'findings.csv'), 'utf8'))
    summary = JSON.parse(readFileSync(join(report, 'summary.json'), 'utf8'))
  })

  afterAll(async () => {
    if (server) await stopServer(server)
    rmSync(lake, { recursive: true, force: true })
  })

  it('ends in order', () => {
    expect(outcome, outcome.stderr).toMatchObject({ code: 0 })
  })

  it('finds every defect and every sound resource that was planted', () => {
    const judged = new Map(findings.map((finding) => [key(finding), finding.status]))
    const missed = truth.planted
      .map((planted) => ({ ...planted, found: judged.get(key(planted)) }))
      .filter(({ status, found }) => found !== status)
    expect(missed).toEqual([])
  })

  it('judges nothing that was not planted', () => {
    const planted = new Set(truth.planted.map((row) => `${key(row)} ${row.status}`))
    const invented = findings
      .filter(({ status, control_id }) => status !== 'unknown' && !overstated.includes(control_id))
      .filter((finding) => !planted.has(`${key(finding)} ${finding.status}`))
    expect(invented).toEqual([])
  })

  it.each(unreadable)('%s is unknown where moto cannot answer', (control) => {
    const rows = findings.filter((finding) => finding.control_id === control)
    expect(rows.filter(({ status }) => status !== 'unknown')).toEqual([])
    const cells = new Set(rows.map(({ account_id, region }) => `${account_id} ${region}`))
    for (const account of truth.members.slice(0, 2))
      for (const region of truth.regions) expect(cells).toContain(`${account} ${region}`)
  })

  it('says that it could not read everything', () => {
    expect(summary.cells.complete).toBe(0)
    expect(summary.score.low).toBeLessThan(summary.score.high)
  })
})

function key({ control_id, account_id, region, resource_arn }: Judgement): string {
  return [control_id, account_id, region, resource_arn].join(' ')
}

/** Enough of CSV for a file whose first columns are never quoted with line breaks in them. */
function parseCsv(text: string): Judgement[] {
  const [header = '', ...lines] = text.trim().split(/\r?\n/)
  const names = header.split(',')
  return lines.map((line) => {
    const cells = [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) =>
      cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
    )
    return Object.fromEntries(
      names.map((name, index) => [name, cells[index] ?? '']),
    ) as unknown as Judgement
  })
}
