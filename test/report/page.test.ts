import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runReport } from '../../lib/cli/report.ts'
import { queriesFolder } from '../../lib/engine/controls.ts'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import type { Engine } from '../../lib/engine/engine.ts'
import { inspectSql } from '../../lib/engine/portable-sql.ts'
import { gatherPage } from '../../lib/report/gather-page.ts'
import { linkScript } from '../../lib/report/link-script.ts'
import type { PageScore } from '../../lib/report/page-data.ts'
import { loadTables } from '../../lib/sources.ts'
import { type ReadPage, readPage } from '../support/page.ts'
import { type SimulatedOrganization, simulate, temporaryFolder } from '../support/simulated.ts'

const page = join(import.meta.dirname, '../../lib/report/page')
const quiet = {
  print: () => undefined,
  note: () => undefined,
  interactive: false,
  colour: false,
  width: 100,
}

describe('a run’s page', () => {
  let simulated: SimulatedOrganization
  let lake: string
  let runId: string
  let engine: Engine
  let whole: ReadPage

  beforeAll(async () => {
    simulated = await simulate()
    lake = await temporaryFolder()
    runId = (await simulated.audit({ lake })).run_id
    engine = await openDuckdb({ lake, tables: await loadTables() })
    whole = await readPage(join(lake, 'reports', runId, 'report.html'))
  }, 300_000)
  afterAll(async () => {
    engine.close()
    await simulated.close()
  })

  async function ask(sql: string): Promise<Record<string, unknown>[]> {
    return (await engine.query(sql)).rows
  }

  async function ownersPage(flags: { account?: string; ou?: string }): Promise<ReadPage> {
    const out = join(await temporaryFolder(), 'page.html')
    await runReport({ lake, run: runId, out, ...flags }, quiet)
    return readPage(out)
  }

  test('lists every finding, the worst first', async () => {
    const stored = await ask(
      'select control_id, account_id, resource_arn, status, finding_id from findings',
    )
    const lines = (rows: string[]) => rows.toSorted()
    expect(
      lines(whole.findings.map((f) => `${f.control} ${f.account} ${f.resource} ${f.status}`)),
    ).toEqual(
      lines(
        stored.map(
          (f) => `${f.control_id} ${f.account_id} ${f.resource_arn} ${String(f.status)[0]}`,
        ),
      ),
    )
    expect(whole.findings.map(({ status }) => status).join('')).toMatch(/^f+u+w*p+$/)
    expect(whole.data.findings).toEqual({ total: stored.length, listed: stored.length })
    const hashes = stored.map(({ finding_id: id }) => String(id).split('/').at(-1) ?? '')
    expect(lines(whole.hashes)).toEqual(lines(hashes))
  })

  test('has the score of the summary, its bounds and coverage', async () => {
    const summary = JSON.parse(await readFile(join(lake, 'reports', runId, 'summary.json'), 'utf8'))
    const score = whole.data.scores.find(({ type }) => type === 'organization')
    expect(score).toMatchObject({
      ...summary.score,
      ...summary.findings,
      coverage: summary.coverage,
    })
    const unread = whole.data.unread.map(({ account_id, region, cause }) => ({
      account_id,
      region,
      cause,
    }))
    expect(unread).toEqual(
      summary.unread.map(({ account_id, region, cause }: Record<string, string>) => ({
        account_id,
        region,
        cause,
      })),
    )
  })

  test('names the keys that the control does not pass, with what hangs on them', async () => {
    const [count] = await ask(`select count(*) as n from findings
      where control_id = 'backup-keys-are-usable' and status <> 'pass' and resource_type = 'AwsKmsKey'`)
    expect(whole.data.keys).toHaveLength(Number(count?.n))
    expect(whole.data.keys.some(({ deletion_date }) => deletion_date !== null)).toBe(true)
    expect(
      whole.data.keys.filter(({ status, holds }) => status === 'fail' && holds.length === 0),
    ).toEqual([])
  })

  test('counts each recovery point under one class of key', async () => {
    const [points] = await ask(`select count(*) as n from recovery_points
      where not coalesce(is_parent, false) and coalesce(status, '') not in ('DELETING', 'CREATING')`)
    const counted = whole.data.encryption.filter(({ service }) =>
      service.endsWith(' recovery points'),
    )
    expect(counted.reduce((sum, { n }) => sum + n, 0)).toBe(Number(points?.n))
  })

  test('holds no name that is markup, and allows no script but its own', () => {
    expect(whole.findings.some(({ reason }) => reason.includes('<script>'))).toBe(true)
    expect(whole.html).not.toContain('alert(1)')
    expect(whole.html.match(/<script\b[^>]*>/g)).toHaveLength(5)
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(whole.html)?.[1]
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-\S+' 'sha256-\S+'; /)
  })

  test.each(['account', 'ou'] as const)('of one %s holds nobody else’s rows', async (kind) => {
    const own = kind === 'account' ? ['835551644489'] : await accountsOf('ou-ab12-testwork')
    const { data, findings } = await ownersPage(
      kind === 'account' ? { account: '835551644489' } : { ou: 'ou-ab12-testwork' },
    )
    const expected = whole.findings.filter(({ account }) => own.includes(account))
    expect(findings).toEqual(expected)
    expect(expected.length).toBeGreaterThan(50)
    expect(data.accounts.map(({ id }) => id)).toEqual(own)
    const rows = [...data.cells, ...data.encryption, ...data.keys, ...data.unread]
    expect(rows.filter(({ account_id }) => !own.includes(account_id))).toEqual([])
    expect(data.counts.flatMap((line) => line.slice(2)).reduce((a, b) => a + b)).toBe(
      expected.length,
    )
    const others = whole.data.accounts.filter(({ id }) => !own.includes(id))
    const text = JSON.stringify(data)
    expect(others.filter(({ name }) => name && text.includes(`"name":"${name}"`))).toEqual([])
    expect(data.scores.filter(({ type, id }) => type === 'account' && !own.includes(id))).toEqual(
      [],
    )
    expect(data.scores.some(({ type, id }) => type === 'ou' && id === 'r-ab12')).toBe(false)
  })

  test('scores an account by itself as the whole run scored it', async () => {
    for (const { id } of whole.data.accounts.filter(({ audited }) => audited).slice(0, 4)) {
      const own = await ownersPage({ account: id })
      const alone = own.data.scores.find(({ type }) => type === 'organization')
      const among = whole.data.scores.find((score) => score.type === 'account' && score.id === id)
      expect(figures(alone)).toEqual(figures(among))
      const families = (page: ReadPage, type: string, prefix: string) =>
        page.data.scores
          .filter((score) => score.type === type && score.id.startsWith(prefix))
          .map((score) => ({ ...figures(score), family: score.id.slice(prefix.length) }))
          .sort((a, b) => (a.family < b.family ? -1 : 1))
      expect(families(own, 'family', '')).toEqual(families(whole, 'account_family', `${id}/`))
    }
  })

  test('tells the trend over whole runs up to its own', async () => {
    const earlier = '20261101T080000Z-aaaaaa'
    const later = '20991101T080000Z-aaaaaa'
    const part = '20261102T080000Z-aaaaaa'
    for (const id of [earlier, later, part]) {
      await copyRun('scores', 'scores', id, 'select * from scores')
      const settings = `select * replace (${id !== part} as scope_complete) from settings`
      await copyRun('settings', 'inventory/settings', id, settings)
    }
    const { data } = await ownersPage({})
    expect(data.trend.map(({ run_id }) => run_id)).toEqual([earlier, runId])
    expect(data.trend[0]).toMatchObject({ value: data.trend[1]?.value, fail: data.trend[1]?.fail })
    const own = await ownersPage({ account: '835551644489' })
    const score = whole.data.scores.find(
      ({ type, id }) => type === 'account' && id === '835551644489',
    )
    expect(own.data.trend.map(({ value }) => value)).toEqual([score?.value, score?.value])
  })

  test('shows who can destroy backups, and to an owner of his account alone', async () => {
    const [stored] = await ask(`select count(*) as n from principal_powers where run_id = '${runId}'
      and power in ('destroy_backups', 'unlock_vaults', 'destroy_keys')`)
    expect(Number(stored?.n)).toBeGreaterThan(0)
    expect(whole.data.powers?.rows).toHaveLength(Number(stored?.n))
    const { data } = await ownersPage({ account: '835551644489' })
    expect(data.powers?.columns[0]?.name).toBe('account_id')
    expect(new Set(data.powers?.rows.map(([account]) => account))).toEqual(
      new Set(['835551644489']),
    )
    const { principal_powers: _, ...without } = await loadTables()
    expect((await gatherPage(engine, { runId, tables: without })).data.powers).toBeNull()
  })

  test('is refused for an account or OU that the run does not know', async () => {
    await expect(ownersPage({ account: '000000000000' })).rejects.toThrow('knows no account')
    await expect(ownersPage({ ou: 'ou-none' })).rejects.toThrow('knows no OU')
    await expect(ownersPage({ account: '1; drop' })).rejects.toThrow('no account id')
    await expect(ownersPage({ account: '835551644489', ou: 'r-ab12' })).rejects.toThrow('not both')
  })

  test.each(readdirSync(join(queriesFolder, 'report')))('%s is portable', async (file) => {
    const sql = readFileSync(join(queriesFolder, 'report', file), 'utf8')
    expect((await inspectSql(engine, sql)).problems).toEqual([])
  })

  /** Leaves a table's rows of the run to another run too. */
  async function copyRun(table: string, folder: string, id: string, sql: string): Promise<void> {
    const rows = sql.replace(
      `from ${table}`,
      `from (select * exclude (run_id) from ${table} where run_id = '${runId}')`,
    )
    await engine.copyToParquet(rows, join(lake, folder, `run_id=${id}`, 'data.parquet'))
  }

  async function accountsOf(ou: string): Promise<string[]> {
    const rows = await ask(`select distinct account_id from account_ous where ou_id = '${ou}'`)
    return rows.map((row) => String(row.account_id)).sort()
  }
})

function figures(score: PageScore | undefined) {
  if (!score) throw new Error('there is no score')
  const { type: _, id: __, ...figures } = score
  return figures
}

describe('the script of the page', () => {
  test('is one that parses, made of every file there is', () => {
    const script = linkScript(join(page, 'main.js'))
    expect(() => new Script(script)).not.toThrow()
    const files = readdirSync(page).filter((file) => file.endsWith('.js'))
    expect(files.filter((file) => !script.includes(`// report/page/${file}\n`))).toEqual([])
  })

  test.each([
    ["import { a as b } from './other.js'\n", 'is renamed'],
    ["import { a } from 'node:fs'\n", 'is not a file beside it'],
    ["import * as all from './other.js'\n", 'cannot be linked'],
    ["import { a } from './entry.js'\n", 'imports itself'],
    ['export default 1\n', 'cannot be linked'],
    ["const text = '</script>'\n", 'would end its element'],
  ])('refuses %j', async (text, why) => {
    const folder = await mkdtemp(join(tmpdir(), 'strongroom-'))
    await writeFile(join(folder, 'entry.js'), text)
    await writeFile(join(folder, 'other.js'), 'export const a = 1\n')
    expect(() => linkScript(join(folder, 'entry.js'))).toThrow(why)
  })
})
