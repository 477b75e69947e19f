import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { chmod, cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandsOf, examplesOf } from './support/documented-commands.ts'
import {
  askLake,
  NOW,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from './support/simulated.ts'

const root = join(import.meta.dirname, '..')
const program = join(root, 'bin/strongroom.ts')
const scripts = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts)

/** Shown, and not executed here: a shell must be able to read them, no more. */
const NOT_RUN: Record<string, string> = {
  'npm ci': 'it installs what the tests run on',
  'npm start': 'the demo, which test/cli/cli.test.ts runs',
  'npm test': 'it is what runs this',
  'npm run': 'a script of the package; that there is one is looked at',
  'npm pack': 'the package, which test/peers/package.peer.test.ts tries',
  'npx --no': 'how a pipeline starts what it installed',
  'npx cdk': 'it deploys to AWS; what it deploys is tried by test/stack',
  aws: 'it asks AWS',
  export: 'it sets a variable for the next command',
  '.ci/run': 'it runs all of this',
}

const pages = globSync(['README.md', 'CONTRIBUTING.md', 'docs/*.md'], { cwd: root }).sort()
const commands = help().match(/^ {2}[a-z][a-z-]+(?= )/gm) ?? []
const helps = new Map(commands.map((name) => [name.trim(), help(name.trim())]))

const documented = [
  ...pages.flatMap((page) => commandsOf(page, readFileSync(join(root, page), 'utf8'))),
  ...[...helps].flatMap(([name, text]) => examplesOf(name, text)),
]
const ours = documented.filter(({ line }) => line.startsWith('strongroom '))
const shown = [...new Set(ours.filter(({ how }) => how === 'shown').map(({ line }) => line))]
const named = ours.filter(({ how }) => how === 'named')
const others = documented
  .filter((command) => !ours.includes(command) && command.line !== 'strongroom')
  .map(({ line }) => line)

/** The start of the machine, for each command anew: a lake of two runs, and the files that the pages speak of. */
let template: string
let simulated: SimulatedOrganization
/** What stands in the pages for something of the reader's own, and what it is here. */
let placeholders: [RegExp, string][]

beforeAll(async () => {
  simulated = await simulate({ accounts: 4, regions: 2, story: false })
  for (const { roles } of simulated.organization.state.accounts.values()) {
    // The pages' roles ask for no external id.
    for (const role of roles) delete role.externalId
  }
  template = await temporaryFolder()
  const lake = join(template, 'strongroom-lake')
  const later = new Date(NOW.getTime() + 3_600_000)
  await simulated.audit({ lake })
  const { run_id } = await simulated.audit({ lake, clock: () => later })
  await symlink('strongroom-lake', join(template, 'strongroom-demo'))
  const deny = (more: object) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Deny', Action: 'backup:DeleteRecoveryPoint', Resource: '*', ...more },
    })
  for (const name of ['deny.json', 'deny-tampering.json']) {
    await writeFile(join(template, name), deny({}))
  }
  await writeFile(join(template, 'keep.json'), deny({ Principal: '*' }))
  await writeFile(join(template, 'strongroom.yaml'), 'regions: [us-east-1, eu-central-1]\n')
  await mkdir(join(template, 'bin'))
  const start = join(template, 'bin/strongroom')
  await writeFile(start, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`)
  await chmod(start, 0o755)
  const one = async (column: string, from: string) => {
    const [row] = await askLake(
      lake,
      `select min(${column}) as it from ${from} and run_id = '${run_id}'`,
    )
    return String(row?.it)
  }
  const account = await one('account_id', `accounts where name = 'payments-prod'`)
  const own = `where account_id = '${account}'`
  placeholders = [
    [/\bRUN\b/g, run_id],
    [/\b\d{8}T\d{6}Z-[0-9a-f]{6}\b/g, run_id],
    [/arn:aws:kms:\S+:key\/\S+/g, await one('arn', `kms_keys ${own}`)],
    [/arn:aws:backup:\S+:backup-vault:\S+/g, await one('arn', `backup_vaults ${own}`)],
    [/arn:aws:iam::\S+:role\/\S+/g, await one('arn', `principals ${own} and kind = 'role'`)],
    [
      /\beu-central-1,eu-west-1\b/g,
      simulated.organization.state.regions.map(({ name }) => name).join(','),
    ],
    [/\b111122223333\b/g, account],
  ]
}, 240_000)
afterAll(() => simulated.close())

test('there are commands, of pages and of helps', () => {
  expect(new Set(ours.map(({ page }) => page)).size).toBeGreaterThan(8)
  expect(shown.length).toBeGreaterThan(20)
})

test.each(shown)('%s', async (line) => {
  const command = placeholders.reduce((text, [what, here]) => text.replaceAll(what, here), line)
  expect(command).not.toMatch(/…|<[a-z]/i)
  const { code, output } = await run(command)
  expect(line.includes('--fail-on') ? [0, 1] : [0], output).toContain(code)
})

describe('only named', () => {
  test.each(named)('$page: $line', ({ line }) => {
    const [, command = '', ...rest] = line.split(' ')
    const text = helps.get(command)
    expect(text, `there is no command ${command}`).toBeDefined()
    for (const option of rest.filter((word) => word.startsWith('--'))) {
      expect(text).toMatch(new RegExp(`^ .*${option}\\b`, 'm'))
    }
  })
})

describe('not run', () => {
  test.each([...new Set(others)])('%s', (line) => {
    const known = Object.keys(NOT_RUN).filter((start) => `${line} `.startsWith(`${start} `))
    expect(known, 'run it, or say in NOT_RUN why not').toHaveLength(1)
    const [, script] = /^npm run ([\w:]+)/.exec(line) ?? []
    if (script) expect(scripts).toContain(script)
    const { status, stderr } = spawnSync('bash', ['-n', '-c', line], { encoding: 'utf8' })
    expect(status, stderr).toBe(0)
  })
})

function help(...command: string[]): string {
  return spawnSync(process.execPath, [program, ...command, '--help'], { encoding: 'utf8' }).stdout
}

/** Runs a command line in a folder of its own, as an auditor of the simulated organization. */
async function run(command: string): Promise<{ code: number | null; output: string }> {
  const folder = await temporaryFolder()
  await cp(template, folder, { recursive: true, verbatimSymlinks: true })
  const { credentials } = simulated.organization
  const child = spawn('bash', ['-euo', 'pipefail', '-c', command], {
    cwd: folder,
    env: {
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      HOME: '/nonexistent',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_REGION: 'us-east-1',
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '',
      AWS_ENDPOINT_URL: simulated.simulator.url,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { code, output: `${command}\n${stderr}\n${stdout.slice(-2000)}` }
}
