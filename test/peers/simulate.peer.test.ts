import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aws, root, startServer, stopServer } from './peers.ts'

describe('strongroom simulate', () => {
  let child: ChildProcess
  let exported: Record<string, string>

  beforeAll(async () => {
    const started = await startServer(
      process.execPath,
      [join(root, 'bin/strongroom.ts'), 'simulate', '--port', '0'],
      {},
      (printed) => {
        const variables = [...printed.matchAll(/^export (\w+)=(.+)\n/gm)]
        // The secret is printed last.
        if (!variables.some(([, name]) => name === 'AWS_SECRET_ACCESS_KEY')) return undefined
        return Object.fromEntries(variables.map(([, name = '', value = '']) => [name, value]))
      },
    )
    child = started.child
    exported = started.found
  })

  afterAll(async () => {
    if (child) await stopServer(child)
  })

  it('answers the AWS CLI with what it printed', async () => {
    expect(exported.AWS_ENDPOINT_URL).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
    const answer = await aws(['organizations', 'list-accounts', '--output', 'json'], exported)
    expect(answer, answer.stderr).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(answer.stdout).Accounts.length).toBeGreaterThan(1)
  })

  it('ends in order when it is interrupted', async () => {
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    expect(await ended).toEqual([0, null])
  })
})
