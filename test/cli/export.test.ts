import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { beforeAll, describe, expect, test } from 'vitest'
import { runExport } from '../../lib/cli/export.ts'
import { type QueryFlags, runQuery } from '../../lib/cli/query.ts'
import type { ExportFormat } from '../../lib/report/exports/formats.ts'
import { summaryMarkdown } from '../../lib/report/exports/markdown.ts'
import type { Summary } from '../../lib/report/summary.ts'
import type { CellState } from '../../simulator/state.ts'
import {
  askLake,
  type FoundFinding,
  findingsOf,
  simulate,
  temporaryFolder,
} from '../support/simulated.ts'

const HOSTILE = '=cmd|<script>alert(1)</script>"&]]>\u0007'

let lake: string
let summary: Summary
let found: FoundFinding[]
let printed: string
let noted: string

beforeAll(async () => {
  lake = await temporaryFolder()
  const simulated = await simulate({ accounts: 3, regions: 1, story: false })
  const [, account] = [...simulated.organization.state.accounts.values()]
  const cell = account?.cells.get('us-east-1') as CellState
  cell.ec2.volumes.push({ VolumeId: HOSTILE, Encrypted: false, State: 'in-use', Size: 8 })
  const config = {
    ...simulated.config,
    waivers: [
      {
        control: 'ebs-encryption-by-default-is-on',
        resource: '*',
        owner: 'me',
        reason: 'agreed',
        expires: '2027-01-01',
      },
    ],
  }
  const result = await simulated.audit({ lake, config })
  await simulated.close()
  summary = result.summary
  found = await findingsOf(lake, result.run_id)
}, 120_000)

const output = {
  print: (piece: string) => {
    printed += piece
  },
  note: (line: string) => {
    noted += `${line}\n`
  },
  interactive: false,
  colour: false,
  width: 100,
}

async function exported(format: ExportFormat): Promise<string> {
  printed = ''
  expect(await runExport({ format, lake }, output, { version: '1.2.3' })).toBe(0)
  return printed
}

const withStatus = (status: string) => found.filter((finding) => finding.status === status)

describe('export', () => {
  test('ocsf has an event for each finding, fails open and passes as information', async () => {
    const events: Record<string, Record<string, unknown>>[] = JSON.parse(await exported('ocsf'))
    const uids = events.map(({ finding_info }) => String(finding_info?.uid))
    expect(uids.sort()).toEqual(found.map(({ finding_id }) => finding_id).sort())
    const counted = (key: string, value: number) =>
      events.filter(({ compliance }) => compliance?.[key] === value).length
    expect(counted('status_id', 1)).toBe(withStatus('pass').length)
    expect(counted('status_id', 3)).toBe(withStatus('fail').length + withStatus('waived').length)
    expect(withStatus('waived').length).toBeGreaterThan(0)
    const suppressed = events.filter((event) => Object(event).status === 'Suppressed')
    expect(suppressed).toHaveLength(withStatus('waived').length)
  })

  test('junit counts what fails, what is an error and what is skipped', async () => {
    const xml = await exported('junit')
    const sum = (attribute: string) =>
      [...xml.matchAll(new RegExp(`<testsuite [^>]*${attribute}="(\\d+)"`, 'g'))].reduce(
        (total, [, count]) => total + Number(count),
        0,
      )
    expect(sum('tests')).toBe(found.length)
    expect(sum('failures')).toBe(withStatus('fail').length)
    expect(sum('errors')).toBe(withStatus('unknown').length)
    expect(sum('skipped')).toBe(withStatus('waived').length)
    expect(xml).toContain('=cmd|&lt;script&gt;')
    expect(xml).not.toContain('<script>')
    expect(xml).not.toContain('\u0007')
  })

  test('jsonl has a finding a line', async () => {
    const lines = (await exported('jsonl')).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).finding_id).sort()).toEqual(
      found.map(({ finding_id }) => finding_id).sort(),
    )
  })

  test('csv is findings.csv', async () => {
    const file = join(lake, 'reports', summary.run_id, 'findings.csv')
    expect(await exported('csv')).toBe(await readFile(file, 'utf8'))
  })

  test('markdown sums up; names are text', async () => {
    const page = await exported('markdown')
    expect(page).toContain(`**Score ${((summary.score.value ?? 0) * 100).toFixed(1)}%**`)
    expect(page).toContain(`| ${summary.findings.fail} | ${summary.findings.pass} |`)
    const hostile = summaryMarkdown({
      ...summary,
      worst_accounts: [
        {
          id: '1',
          name: '[x](https://evil.example) @all | <b>\n# h',
          value: 0,
          low: 0,
          high: 0,
          fail: 1,
          unknown: 0,
        },
      ],
    })
    const line = hostile.split('\n').find((each) => each.includes('evil')) ?? ''
    expect(line).toContain(String.raw`\[x\]\(`)
    expect(line).not.toContain('https://')
    expect(line).toContain(String.raw`\@all \| &lt;b\> \# h`)
  })

  test('goes to a file, whole or not at all', async () => {
    const out = join(await temporaryFolder(), 'findings.jsonl')
    printed = ''
    await runExport({ format: 'jsonl', lake, out }, output, { version: '1.2.3' })
    expect(printed).toBe(`${out}\n`)
    expect(await readFile(out, 'utf8')).toBe(await exported('jsonl'))
    await expect(
      runExport({ format: 'jsonl', lake, run: '20200101T000000Z-000000' }, output, {
        version: '1',
      }),
    ).rejects.toThrow(/there is no complete run/)
  })
})

describe('query', () => {
  const ask = (flags: Partial<QueryFlags>, input = '') => {
    printed = ''
    noted = ''
    return runQuery({ lake, format: 'table', ...flags }, output, { input: Readable.from([input]) })
  }

  test('writes Parquet that another reader opens', async () => {
    const out = join(await temporaryFolder(), 'findings.parquet')
    const query = 'select finding_id from findings'
    expect(await ask({ query, format: 'parquet', out })).toBe(0)
    const rows = await askLake(lake, `select count(*) as n from read_parquet('${out}')`)
    expect(rows).toEqual([{ n: found.length }])
    await expect(ask({ query, format: 'parquet' })).rejects.toThrow(/--out/)
  })

  test('is a shell without a question: statements, commands, and errors that do not end it', async () => {
    const lines = [
      'select count(*) as n',
      'from findings;',
      'select nonsense;',
      '.format csv',
      "select 'still' as here;",
      '.tables',
      '.run worst-controls',
      '.quit',
      'select 1 as never;',
    ]
    expect(await ask({}, `${lines.join('\n')}\n`)).toBe(0)
    expect(printed).toContain(String(found.length))
    expect(noted).toContain('nonsense')
    expect(printed).toContain('here\nstill\n')
    expect(printed).toContain('\nrecovery_points\n')
    expect(printed).toContain('control_id,severity,title')
    expect(printed).not.toContain('never')
  })
})

test('a shell completes commands, and what they take', async () => {
  const program = new URL('../../bin/strongroom.ts', import.meta.url).pathname
  const { spawn } = await import('node:child_process')
  const complete = async (...words: string[]) => {
    const child = spawn(process.execPath, [program, 'complete', ...words])
    return text(child.stdout)
  }
  const [script, commands, formats] = await Promise.all([
    complete('bash'),
    complete('--', 'ex'),
    complete('--', 'export', ''),
  ])
  expect(script).toContain('complete -F')
  expect(commands).toMatch(/^export\t/m)
  expect(formats).toMatch(/^ocsf\t/m)
})
