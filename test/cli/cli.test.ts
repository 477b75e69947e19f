import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { cp, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SimulatedOrganization, simulate, temporaryFolder } from '../support/simulated.ts'

const PROGRAM = new URL('../../bin/strongroom.ts', import.meta.url).pathname
/** No credentials of the machine that the tests run on, and none of its configuration. */
const BARE = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_REGION: 'us-east-1',
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '',
}

interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

async function strongroom(args: string[], environment: Record<string, string> = {}): Promise<Ran> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...BARE, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { code, stdout, stderr }
}

let folder: string
beforeAll(async () => {
  folder = await temporaryFolder()
})

async function written(name: string, content: string): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, content)
  return file
}

describe('wrong usage ends with 2', () => {
  test.each([
    ['encription=low', /no family "encription"; there are access, .*encryption, /],
    ['severe', /"severe" is no severity; there are critical, high, medium, low/],
    ['encryption=', /"" is no severity/],
    ['keys=low=high', /"low=high" is no severity/],
  ])('a threshold that is none: %s', async (threshold, told) => {
    for (const command of ['audit', 'diff']) {
      const { code, stderr } = await strongroom([command, '--fail-on', threshold])
      expect(code).toBe(2)
      expect(stderr).toMatch(told)
    }
  })

  test('an unknown flag', async () => {
    const { code, stderr } = await strongroom(['audit', '--colour', 'red'])
    expect(code).toBe(2)
    expect(stderr).toContain("unknown option '--colour'")
  })

  test('a configuration that cannot be read', async () => {
    const { code, stderr } = await strongroom(['audit', '--config', join(folder, 'none.yaml')])
    expect(code).toBe(2)
    expect(stderr).toContain(join(folder, 'none.yaml'))
  })

  test('a configuration that is wrong, with file and line', async () => {
    const file = await written('wrong.yaml', 'role_name: Auditor\nconcurrency: many\nnonsense: 1\n')
    const { code, stderr } = await strongroom(['audit', '--config', file])
    expect(code).toBe(2)
    expect(stderr).toContain(`${file}:2: `)
    expect(stderr).toContain(`${file}:3: unknown key "nonsense"`)
  })

  test('a configuration that is no YAML, with file and line', async () => {
    const file = await written('broken.yaml', 'role_name: Auditor\nregions: [a, b\n')
    const { code, stderr } = await strongroom(['audit', '--config', file])
    expect(code).toBe(2)
    expect(stderr).toMatch(/broken\.yaml:\d+: /)
  })

  test('a lake that is an address', async () => {
    const config = await written('bucket.yaml', 'lake: s3://bucket/lake\n')
    const said = await Promise.all([
      strongroom(['audit', '--lake', 's3://bucket/lake']),
      strongroom(['query', 'select 1', '--lake', 'S3://bucket']),
      strongroom(['audit', '--config', config]),
    ])
    for (const { code, stderr } of said) {
      expect(code).toBe(2)
      expect(stderr).toContain('the lake of the command line is a folder')
    }
  })

  test('a lake that is none', async () => {
    const { code, stderr } = await strongroom(['query', 'select 1', '--lake', folder])
    expect(code).toBe(2)
    expect(stderr).toContain('is no lake')
  })

  test('a control that does not exist', async () => {
    const { code, stdout, stderr } = await strongroom(['controls', 'nope'])
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('there is no control "nope"')
  })

  test('a demo into a folder that holds something else', async () => {
    const foreign = await temporaryFolder()
    await writeFile(join(foreign, 'thesis.txt'), 'precious')
    const { code, stderr } = await strongroom(['demo', '--lake', foreign])
    expect(code).toBe(2)
    expect(stderr).toContain('thesis.txt')
    expect(globSync('**', { cwd: foreign })).toEqual(['.', 'thesis.txt'])
  })
})

test('controls are listed, and one is explained', async () => {
  const [all, one] = await Promise.all([
    strongroom(['controls']),
    strongroom(['controls', 'ebs-volumes-are-encrypted']),
  ])
  expect(all.code).toBe(0)
  expect(all.stdout).toContain('backup-vaults-are-locked')
  expect(one.code).toBe(0)
  expect(one.stdout).toContain('What to do: ')
})

describe('audit', () => {
  let simulated: SimulatedOrganization
  let environment: Record<string, string>

  beforeAll(async () => {
    simulated = await simulate({ accounts: 3, regions: 2, story: false })
    environment = {
      AWS_ENDPOINT_URL: simulated.simulator.url,
      AWS_ACCESS_KEY_ID: simulated.organization.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: simulated.organization.credentials.secretAccessKey,
    }
  })
  afterAll(() => simulated.close())

  const flags = async () => [
    'audit',
    ...['--lake', await temporaryFolder()],
    ...['--external-id', simulated.organization.externalId],
  ]

  test.each([
    ['an audit', flags, ''],
    ['the doctor', () => ['doctor'], 'FAILED  the organization can be listed'],
  ])('%s ends with 3 without credentials, and says what to do', async (_, command, printed) => {
    const { code, stdout, stderr } = await strongroom(await command(), {
      AWS_ENDPOINT_URL: simulated.simulator.url,
    })
    expect(code).toBe(3)
    expect(stdout.slice(0, printed.length || undefined)).toBe(printed)
    expect(stdout + stderr).toContain('CredentialsProviderError')
    expect(stderr).toContain('aws sso login')
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  test('ends with 3 where no account has the role', async () => {
    const { code, stderr } = await strongroom(
      [...(await flags()), '--role-name', 'Nobody'],
      environment,
    )
    expect(code).toBe(3)
    expect(stderr).toContain('check the role name')
  })

  test('ends with 1 where --fail-on is met, prints JSON alone, and goes on with its own run only', async () => {
    const given = await flags()
    const lake = given[2] ?? ''
    const first = await strongroom([...given, '--fail-on', 'critical', '--json'], environment)
    const summary = JSON.parse(first.stdout)
    expect(summary.by_severity.critical.fail).toBeGreaterThan(0)
    expect(first.code).toBe(1)

    const judged = Object.values<{ family: string; severity: string; fail: number }>(
      summary.by_control,
    )
    const critical = judged.filter(({ severity, fail }) => severity === 'critical' && fail > 0)
    const spared = judged.find(
      ({ family }) => !critical.some((control) => control.family === family),
    )?.family
    const failing = judged.find(({ fail }) => fail > 0)?.family
    const again = [...given, '--resume', summary.run_id, '--json', '--fail-on']
    const lenient = await strongroom([...again, `${spared}=critical`], environment)
    expect(lenient.code).toBe(0)
    const strict = await strongroom(
      [...again, `${spared}=critical`, '--fail-on', `${failing}=low`],
      environment,
    )
    expect(strict.code).toBe(1)
    expect(strict.stderr).toContain(`--fail-on is met: ${failing} has `)

    const [other, unknown] = await Promise.all([
      strongroom(
        [...given, '--resume', summary.run_id, '--controls', 'backup-keys-rotate'],
        environment,
      ),
      strongroom([...given, '--resume', '20200101T000000Z-abcdef'], environment),
    ])
    expect(other.code).toBe(2)
    expect(other.stderr).toContain('another configuration')
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain(`there is no run 20200101T000000Z-abcdef in ${lake}`)
  })
})

describe('a demo', () => {
  let lake: string
  let demo: Ran

  beforeAll(async () => {
    lake = join(folder, 'demo')
    demo = await strongroom(['demo', '--lake', lake, '--json'])
  })

  const query = (sql: string, format: string, from = lake) =>
    strongroom(['query', sql, '--format', format, '--lake', from])

  test('prints summary.json and nothing else', async () => {
    expect(demo.code).toBe(0)
    const summary = JSON.parse(demo.stdout)
    const file = join(lake, 'reports', summary.run_id, 'summary.json')
    expect(summary).toEqual(JSON.parse(await readFile(file, 'utf8')))
  })

  test('is asked in every format', async () => {
    const sql = 'select name, locked from backup_vaults limit 1'
    const [table, csv, json, example] = await Promise.all([
      query(sql, 'table'),
      query(sql, 'csv'),
      query(sql, 'json'),
      query('oldest-unencrypted-backups', 'json'),
    ])
    expect([table.code, csv.code, json.code, example.code]).toEqual([0, 0, 0, 0])
    expect(table.stdout).toMatch(/name.*locked/)
    expect(csv.stdout.split('\n')[0]).toBe('name,locked')
    expect(Object.keys(JSON.parse(json.stdout)[0])).toEqual(['name', 'locked'])
    expect(JSON.parse(example.stdout).length).toBeGreaterThan(0)
  })

  test('answers SQL that reads no table', async () => {
    const { code, stdout } = await query('select 1 as one', 'json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual([{ one: 1 }])
  })

  test('prints hostile names inert', async () => {
    const sql =
      "select '=cmd()' as a, 'two' || chr(10) || 'lines' as b, chr(27) || '[31mred' as c from regions limit 1"
    const [table, csv, json] = await Promise.all([
      query(sql, 'table'),
      query(sql, 'csv'),
      query(sql, 'json'),
    ])
    const ESC = String.fromCharCode(27)
    expect(table.stdout).not.toContain(ESC)
    expect(table.stdout).toContain('two\\u000alines')
    expect(csv.stdout).toContain("'=cmd()")
    expect(csv.stdout).toContain('"two\nlines"')
    expect(json.stdout).not.toContain(ESC)
    expect(JSON.parse(json.stdout)).toEqual([{ a: '=cmd()', b: 'two\nlines', c: `${ESC}[31mred` }])
    // The demo plants such names; no cell of its report may be a formula or a terminal command.
    const [report = ''] = globSync(join(lake, 'reports', '*', 'findings.csv'))
    const findings = await readFile(report, 'utf8')
    expect(findings).not.toMatch(/(^|,)"?[=@]/m)
    expect(findings).not.toContain(ESC)
  })

  test('prints no terminal command as CSV', async () => {
    const { code, stdout } = await query(
      "select chr(27) || '[31mred' as c from regions limit 1",
      'csv',
    )
    expect(code).toBe(0)
    expect(stdout).not.toContain(String.fromCharCode(27))
  })

  test('names the file that is damaged', async () => {
    const damaged = join(folder, 'damaged')
    await cp(lake, damaged, { recursive: true })
    const [file = ''] = globSync(
      join(damaged, 'inventory', '**', '*backup_vaults*', '**', '*.parquet'),
    ).concat(globSync(join(damaged, '**', 'backup_vaults', '**', '*.parquet')))
    expect(file).not.toBe('')
    await truncate(file, 100)
    const { code, stdout, stderr } = await query('select * from backup_vaults', 'json', damaged)
    expect(code).toSatisfy((value: number) => value === 2 || value === 3)
    expect(stdout).toBe('')
    expect(stderr).toContain(file)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  test('is not written into a file', async () => {
    const file = await written('a-file', '')
    const refused = await strongroom(['demo', '--lake', file])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('cannot write to')
  })
})
