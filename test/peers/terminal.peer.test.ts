import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/simulated.ts'
import { isolated, python, root, startServer, stopServer } from './peers.ts'

interface Screen {
  screen: string
  code: number | null
  signal: number | null
}

interface Step {
  /** A regular expression: what must have come on the screen before. */
  at: string
  /** What is typed then. */
  press: string
}

const ESCAPE = String.fromCharCode(27)
const CONTROLS = new RegExp(`${ESCAPE}(\\[[0-9;?]*[A-Za-z]|[78])`, 'g')
/** Where a line begins: anew, or over what it held. */
const BEGINNING = new RegExp(`\r\n|\r|\n|${ESCAPE}\\[\\d*G`)
const COLOURS = new RegExp(`${ESCAPE}\\[[0-9;]*m`)

describe('in a terminal', () => {
  let server: ChildProcess
  let environment: Record<string, string>
  let flags: string[]

  beforeAll(async () => {
    const args = ['--port', '0', '--accounts', '4', '--regions', '2', '--latency', '15']
    const { child, found } = await startServer(
      process.execPath,
      [join(root, 'bin/strongroom.ts'), 'simulate', ...args],
      {},
      (printed) => (printed.includes('AWS_SECRET_ACCESS_KEY=') ? printed : undefined),
    )
    server = child
    environment = Object.fromEntries(
      [...found.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
        name,
        value,
      ]),
    )
    const [, externalId = ''] = /external id is (\S+)/.exec(found) ?? []
    flags = ['--external-id', externalId, '--services', 'backup,kms,ec2']
  })
  afterAll(() => stopServer(server))

  function run(
    args: string[],
    { columns = 100, steps = [] as Step[], env = {} as Record<string, string> } = {},
  ): Promise<Screen> {
    // The machine's wish for no colours is not this test's.
    const { NO_COLOR: _, ...rest } = isolated(environment)
    const asked = {
      command: process.execPath,
      args: [join(root, 'bin/strongroom.ts'), ...args],
      env: { ...rest, TERM: 'xterm-256color', ...env },
      columns,
      steps,
    }
    return python<Screen>('terminal.py', [JSON.stringify(asked)])
  }

  /** What each line held, one after another: a bar is drawn over and over on one. */
  const drawn = (screen: string) =>
    screen.split(BEGINNING).map((line) => line.replaceAll(CONTROLS, '').trimEnd())

  it('shows how far it is, account by account, and how long it will take', async () => {
    const { screen, code } = await run(['audit', ...flags, '--lake', await temporaryFolder()])
    expect(code).toBe(0)
    expect(screen).toMatch(/run \d{8}T\d{6}Z-[0-9a-f]{6}: 4 accounts/)
    expect(screen).toMatch(/collecting [█░]+ \d+%, \d\/4 accounts, .+ left/)
    expect(screen).toMatch(/4\/4 accounts/)
    expect(screen).toMatch(COLOURS)
    expect(screen).toContain('REL09-BP02 score')
  })

  it('keeps within a narrow window, and without colours where none are wanted', async () => {
    const { screen, code } = await run(['audit', ...flags, '--lake', await temporaryFolder()], {
      columns: 64,
      env: { NO_COLOR: '1' },
    })
    expect(code).toBe(0)
    expect(screen).not.toMatch(COLOURS)
    const bars = drawn(screen).filter((line) => /[█░]/.test(line))
    expect(bars.length).toBeGreaterThan(0)
    expect(bars.filter((line) => line.length > 64)).toEqual([])
    const table = drawn(screen).slice(drawn(screen).findIndex((line) => line.includes('control ')))
    const cells = table.filter((line) => /\d%/.test(line))
    expect(cells.length).toBeGreaterThan(0)
    expect(cells.filter((line) => line.length > 64)).toEqual([])
  })

  it('says nothing of what goes on where quiet is wanted', async () => {
    const lake = await temporaryFolder()
    const { screen, code } = await run(['--quiet', 'audit', ...flags, '--lake', lake])
    expect(code).toBe(0)
    expect(screen).not.toMatch(/collecting|accounts,/)
    expect(screen).toContain('REL09-BP02 score')
  })

  it('stops at Ctrl-C, says how to go on, and goes on', async () => {
    const lake = await temporaryFolder()
    const steps = [{ at: String.raw`[1-9]\d?%`, press: 'ctrl-c' }]
    const stopped = await run(['audit', ...flags, '--lake', lake], { steps })
    expect(stopped.signal).toBeNull()
    expect(stopped.code).toBe(3)
    const [, how = '', runId = ''] =
      /stopped; strongroom (audit --resume (\S+) --lake \S+) goes on/.exec(stopped.screen) ?? []
    expect(runId).not.toBe('')
    expect(existsSync(join(lake, 'reports', runId, 'summary.json'))).toBe(false)
    const resumed = await run([...how.split(' '), ...flags])
    expect(resumed.code).toBe(0)
    expect(existsSync(join(lake, 'reports', runId, 'summary.json'))).toBe(true)
  })

  it('takes questions one after another', async () => {
    const lake = await temporaryFolder()
    expect((await run(['--quiet', 'audit', ...flags, '--lake', lake])).code).toBe(0)
    const steps = [
      { at: 'strongroom> ', press: 'select 40 + 2 as answer;\r' },
      { at: '42', press: 'select count(*) as n\r' },
      { at: String.raw`\.\.\.> `, press: 'from backup_vaults;\r' },
      { at: '│ n ', press: '.quit\r' },
    ]
    const { screen, code } = await run(['query', '--lake', lake], { steps })
    expect(code).toBe(0)
    expect(screen).toContain('answer')
  })
})
