import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../lib/config/load.ts'
import { UsageError } from '../../lib/usage-error.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strongroom-config-'))
})

afterAll(() => rm(folder, { recursive: true }))

async function errorOf(yaml: string, overrides = {}): Promise<string> {
  const file = join(folder, 'config.yaml')
  await writeFile(file, yaml)
  const error: unknown = await loadConfig(file, overrides).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(UsageError)
  return error instanceof Error ? error.message.replaceAll(`${folder}/`, '') : ''
}

test('everything has a default', async () => {
  const config = await loadConfig(undefined)
  expect(config).toMatchObject({
    role_name: 'StrongroomAuditor',
    concurrency: 8,
    budget_share: 0.5,
    lake: './strongroom-lake',
    settings: { required_key_manager: 'customer', min_retention_days: 35 },
    waivers: [],
  })
})

test('a flag outweighs the file, an absent flag does not', async () => {
  const file = join(folder, 'good.yaml')
  await writeFile(file, 'role_name: Auditor\nconcurrency: 3\nsettings:\n  min_retention_days: 7\n')
  const config = await loadConfig(file, { concurrency: 5, role_name: undefined })
  expect(config).toMatchObject({
    role_name: 'Auditor',
    concurrency: 5,
    settings: { min_retention_days: 7, max_backup_deleters: 5 },
  })
})

test('unknown keys are named with their lines, all at once', async () => {
  expect(await errorOf('concurrency: 3\n\nsetings: {}\nsettings:\n  min_days: 3\n')).toBe(
    'config.yaml:5: unknown key "settings.min_days"\nconfig.yaml:3: unknown key "setings"',
  )
})

test('an account id that YAML reads as a number is refused', async () => {
  expect(await errorOf('accounts:\n  - "000000000001"\n  - 012345678901\n')).toBe(
    'config.yaml:3: accounts.1: 12345678901 is a number: put the account id in quotes, or it loses its leading zeros',
  )
  expect(await errorOf('accounts: ["123"]\n')).toBe(
    'config.yaml:1: accounts.0: "123" is not an account id (12 digits)',
  )
})

test('a wrong flag is named as a flag', async () => {
  expect(await errorOf('concurrency: 3\n', { accounts: ['12'] })).toBe(
    '--accounts: "12" is not an account id (12 digits)',
  )
})

test('a waiver needs an owner, a reason and a real date', async () => {
  const message = await errorOf('waivers:\n  - control: amis-are-encrypted\n    expires: soon\n')
  expect(message).toContain('config.yaml:3: waivers.0.expires: "soon" is not a date (YYYY-MM-DD)')
  expect(message).toContain('waivers.0.owner')
  expect(message).toContain('waivers.0.reason')
})

describe('a file of waivers', () => {
  const file = () => join(folder, 'waivers.yaml')
  const good = '- control: amis-are-encrypted\n  owner: me\n  reason: old\n  expires: 2027-01-01\n'

  test('is put behind those of the configuration, seen from its folder', async () => {
    await writeFile(file(), good)
    const config = join(folder, 'with-waivers.yaml')
    await writeFile(config, 'waivers_file: waivers.yaml\n')
    expect((await loadConfig(config)).waivers).toEqual([
      {
        control: 'amis-are-encrypted',
        owner: 'me',
        reason: 'old',
        expires: '2027-01-01',
        resource: '*',
      },
    ])
    expect(await loadConfig(config)).not.toHaveProperty('waivers_file')
    expect((await loadConfig(undefined, { waivers_file: file() })).waivers).toHaveLength(1)
  })

  test('that is wrong is named with its line', async () => {
    await writeFile(file(), `${good}- control: amis-are-encrypted\n  until: 2027-01-01\n`)
    expect(await errorOf('waivers_file: waivers.yaml\n')).toContain(
      'waivers.yaml:6: unknown key "1.until"',
    )
    await writeFile(file(), 'control: amis-are-encrypted\n')
    expect(await errorOf('waivers_file: waivers.yaml\n')).toContain('waivers.yaml:1: ')
    expect(await errorOf('waivers_file: none.yaml\n')).toContain('cannot read none.yaml')
  })

  test('may be empty', async () => {
    await writeFile(file(), '# none yet\n')
    expect((await loadConfig(undefined, { waivers_file: file() })).waivers).toEqual([])
  })
})

test('broken YAML and a missing file are usage errors', async () => {
  expect(await errorOf('accounts: [\n')).toMatch(/^config\.yaml:\d+: /)
  await expect(loadConfig(join(folder, 'none.yaml'))).rejects.toThrow(UsageError)
})
