import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Control, loadControls } from '../../lib/engine/controls.ts'
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

interface Held {
  table: string
  account_id: string
  region: string
  arn: string
}

interface Planted {
  management: string
  members: string[]
  regions: string[]
  planted: Judgement[]
  held: Held[]
}

/** moto takes every snapshot for a public one, so that more fails here than was planted. */
const overstated = ['ebs-snapshots-are-not-public']

/** What follows from what moto makes of its own accord: default key policies, FullAWSAccess alone, no principals. */
const givens: Record<string, string> = {
  'backup-deleters-are-few': 'pass',
  'backup-key-policies-keep-outsiders-out': 'pass',
  'scps-deny-backup-tampering': 'fail',
}

/** What moto has code for, and yet does not answer as AWS does. */
const halfAnswered = [
  // It wants to be told a table, which AWS does not.
  'dynamodb:ListExports',
  // It knows no delegated administrators of AWS Backup.
  'organizations:ListDelegatedAdministrators',
]

/** Services of moto that an audit reads. Of each, boto3 plants something in every cell of two accounts. */
const services = [
  'backup',
  'dynamodb',
  'ec2',
  'elasticache',
  'elasticfilesystem',
  'events',
  'fsx',
  'kms',
  'memorydb',
  'rds',
  'redshift',
  's3',
  'sns',
]

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
      join(venv, 'bin/python'),
      [join(import.meta.dirname, 'python/moto_server.py'), '-p', port],
      { MOTO_EC2_LOAD_DEFAULT_AMIS: 'false' },
      (printed) => printed.includes(`Running on ${endpoint}`) || undefined,
    )
    server = child
    truth = await python<Planted>('fill_moto.py', [endpoint])
    const config = join(lake, 'strongroom.yaml')
    writeFileSync(config, 'settings:\n  critical_tag: tier=gold\n')
    outcome = await strongroom(
      ['audit', '--lake', lake, '--config', config, '--regions', truth.regions.join(',')],
      {
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'testing',
        AWS_SECRET_ACCESS_KEY: 'testing',
      },
    )
    const [run] = readdirSync(join(lake, 'reports'))
    const report = join(lake, 'reports', run ?? '')
    findings = parseCsv(readFileSync(join(report, 'findings.csv'), 'utf8'))
    summary = JSON.parse(readFileSync(join(report, 'summary.json'), 'utf8'))
  })

  afterAll(async () => {
    if (server) await stopServer(server)
    rmSync(lake, { recursive: true, force: true })
  })

  /** What the run's lake answers to SQL. */
  async function ask<Row>(sql: string): Promise<Row[]> {
    const { code, stdout, stderr } = await strongroom(
      ['query', sql, '--lake', lake, '--format', 'json'],
      {},
    )
    expect(code, stderr).toBe(0)
    return JSON.parse(stdout)
  }

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
      .filter(({ control_id, status }) => givens[control_id] !== status)
      .filter((finding) => !planted.has(`${key(finding)} ${finding.status}`))
    expect(invented).toEqual([])
  })

  it.each(services)('has something of %s to find in every cell', (service) => {
    const of = (arn: string) => arn.split(':')[2] === service
    const cells = new Set(
      [
        ...truth.planted
          .filter(({ status }) => status !== 'unknown')
          .map((row) => ({ ...row, arn: row.resource_arn })),
        ...truth.held,
      ]
        .filter(({ arn }) => of(arn))
        .map(({ account_id, region }) => `${account_id} ${region}`),
    )
    expect(cells.size).toBe(2 * truth.regions.length)
  })

  it('holds a row of everything that was planted for no control', async () => {
    const tables = [...new Set(truth.held.map(({ table }) => table))]
    const rows = await ask<Held>(
      tables
        .map((table) => {
          const name = table === 'rds_export_tasks' ? 'export_task_id' : 'arn'
          return `select '${table}' as "table", account_id, region, ${name} as arn from ${table}`
        })
        .join(' union all '),
    )
    const line = ({ table, account_id, region, arn }: Held) =>
      [table, account_id, region, arn].join(' ')
    const read = new Set(rows.map(line))
    expect(truth.held.map(line).filter((held) => !read.has(held))).toEqual([])
  })

  it('leaves nothing unread that moto answers', async () => {
    const gaps = await ask<{ operation: string }>(
      `select distinct operation from gaps where operation like '%:%'`,
    )
    const unread = gaps.map(({ operation }) => operation)
    expect(unread.length).toBeGreaterThan(10)
    const answered = await python<string[]>('moto_implements.py', unread)
    expect(answered.toSorted()).toEqual(halfAnswered)
    // What is asked has to be able to say yes.
    const read = ['backup:ListBackupPlans', 'ec2:DescribeVolumes', 'rds:DescribeDBInstances']
    expect(await python<string[]>('moto_implements.py', read)).toEqual(read)
  })

  it('says unknown, in each account and Region, wherever moto cannot answer', async () => {
    const unread = await ask<{ table_name: string; account_id: string; region: string }>(
      `select table_name, account_id, region from table_coverage where status = 'unread'`,
    )
    const planted = new Map(truth.planted.map((row) => [key(row), row.status]))
    /** What a control says where it lacks a table, and should not. */
    function saysTooMuch(
      { id, subject, evidence }: Control,
      cell: (typeof unread)[number],
    ): object[] {
      const here = findings.filter(
        ({ control_id, account_id, region }) =>
          control_id === id && account_id === cell.account_id && region === cell.region,
      )
      const needed = evidence.some(({ table, confined }) => table === cell.table_name && !confined)
      if (needed) return here.filter(({ status }) => status !== 'unknown')
      if (!subject.includes(cell.table_name)) return []
      const resource_arn = `AWS::::Account:${cell.account_id}`
      const scope = here.find((finding) => finding.resource_arn === resource_arn)
      // Only where the account itself is what is judged may there be more to say of it.
      const expected = planted.get(key({ ...cell, control_id: id, resource_arn })) ?? 'unknown'
      return scope?.status === expected ? [] : [{ control: id, ...cell, said: scope?.status }]
    }
    const controls = loadControls().filter(({ setting }) => setting !== 'isolation_required')
    const lacking = controls.filter(({ subject, evidence }) =>
      unread.some(
        ({ table_name }) =>
          subject.includes(table_name) || evidence.some(({ table }) => table === table_name),
      ),
    )
    expect(lacking.length).toBeGreaterThan(15)
    expect(
      lacking.flatMap((control) => unread.flatMap((cell) => saysTooMuch(control, cell))),
    ).toEqual([])
  })

  it('says that it could not read everything', () => {
    expect(summary.cells.complete).toBe(0)
    expect(summary.score.low).toBeLessThan(summary.score.high)
  })
})

function key({ control_id, account_id, region, resource_arn }: Omit<Judgement, 'status'>): string {
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
