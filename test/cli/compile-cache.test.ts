import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/simulated.ts'

const PROGRAM = new URL('../../bin/strongroom.ts', import.meta.url).pathname

async function listControls(environment: Record<string, string>): Promise<string> {
  const env = { PATH: process.env.PATH ?? '', ...environment }
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, 'controls'], { env })
  return stdout
}

it('what a command compiled is kept in the folder of its user', async () => {
  const home = await temporaryFolder()
  await listControls({ HOME: home })
  expect(await readdir(join(home, '.cache/strongroom'))).toEqual(['compiled'])
  const chosen = await temporaryFolder()
  await listControls({ HOME: home, XDG_CACHE_HOME: chosen })
  expect(await readdir(chosen)).toEqual(['strongroom'])
})

it('a user without a folder, or with one that cannot be written, is told the same', async () => {
  const told = await listControls({})
  expect(told).toContain('backup-keys-are-usable')
  expect(await listControls({ XDG_CACHE_HOME: '/dev/null' })).toBe(told)
})
