import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import knownBad from './known-bad.json' with { type: 'json' }

interface Locked {
  version?: string
  integrity?: string
  deprecated?: string
  hasInstallScript?: boolean
  /** It came inside the package above it, whose hash covers it. */
  inBundle?: boolean
}

const root = join(import.meta.dirname, '..', '..')
const read = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8'))
const { packages }: { packages: Record<string, Locked> } = read('package-lock.json')
const locked = Object.entries(packages)
  .filter(([path]) => path !== '')
  .map(([path, one]) => ({ ...one, path, name: path.split('node_modules/').at(-1) ?? '' }))

/** Versions that were published with malicious code and withdrawn, by package. */
const malicious: Record<string, string[]> = knownBad

function isMalicious({ name, version }: { name: string; version?: string }): boolean {
  return malicious[name]?.includes(version ?? '') ?? false
}

test('no version is locked that is known to have been malicious', () => {
  expect(isMalicious({ name: 'chalk', version: '5.6.1' })).toBe(true)
  expect(locked.length).toBeGreaterThan(100)
  expect(locked.filter(isMalicious)).toEqual([])
})

test('every package is locked by its hash, and none is deprecated', () => {
  const unproven = locked.filter(
    ({ integrity, inBundle }) => !inBundle && !/^sha512-/.test(integrity ?? ''),
  )
  expect(unproven).toEqual([])
  expect(locked.filter(({ deprecated }) => deprecated)).toEqual([])
})

test('nothing runs a script when it is installed but what is allowed to', () => {
  const { allowScripts }: { allowScripts: Record<string, boolean> } = read('package.json')
  const scripted = locked.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name)
  expect(scripted.filter((name) => !allowScripts[name])).toEqual([])
})

test('what is depended on is named by its exact version', () => {
  const { dependencies, devDependencies, optionalDependencies } = read('package.json')
  const named = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
  expect(named.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)))).toEqual(
    [],
  )
})
