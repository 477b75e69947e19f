import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type FailOn, families, thresholdsMet, withThreshold } from '../../lib/config/fail-on.ts'
import { loadConfig } from '../../lib/config/load.ts'
import { loadControls } from '../../lib/engine/controls.ts'

test('the families are those of the controls', () => {
  expect(families).toEqual([...new Set(loadControls().map(({ family }) => family))].sort())
})

const failures = [
  { family: 'encryption', severity: 'medium', fail: 2 },
  { family: 'encryption', severity: 'low', fail: 3 },
  { family: 'keys', severity: 'high', fail: 1 },
  { family: 'keys', severity: 'critical', fail: 0 },
  { family: 'access', severity: 'critical', fail: 4 },
]

describe('thresholds', () => {
  test.each<[FailOn | undefined, string[]]>([
    [undefined, []],
    ['critical', ['access 4']],
    ['high', ['access 4', 'keys 1']],
    ['low', ['access 4', 'encryption 5', 'keys 1']],
    [{ keys: 'high' }, ['keys 1']],
    [{ keys: 'critical' }, []],
    [{ encryption: 'medium' }, ['encryption 2']],
    [{ all: 'critical', encryption: 'low' }, ['access 4', 'encryption 5']],
    [{ all: 'low', access: 'low', encryption: 'high' }, ['access 4', 'keys 1']],
  ])('%j are met by what fails at them or above', (failOn, expected) => {
    const met = thresholdsMet(failOn, failures)
    expect(met.map(({ family, fail }) => `${family} ${fail}`)).toEqual(expected)
  })

  test('of flags add up, the later one of a family counts', () => {
    const given = ['high', 'encryption=low', 'keys=low', 'keys=critical']
    const both = given.reduce<FailOn | undefined>(
      (before, one) => withThreshold(one, before),
      undefined,
    )
    expect(both).toEqual({ all: 'high', encryption: 'low', keys: 'critical' })
  })
})

async function loaded(yaml: string) {
  const file = join(await mkdtemp(join(tmpdir(), 'strongroom-')), 'strongroom.yaml')
  await writeFile(file, yaml)
  return loadConfig(file)
}

describe('in a configuration', () => {
  test.each<[string, FailOn]>([
    ['fail_on: high', 'high'],
    ['fail_on: {all: critical, keys: low}', { all: 'critical', keys: 'low' }],
  ])('%s is read', async (yaml, expected) => {
    expect((await loaded(yaml)).fail_on).toEqual(expected)
  })

  test.each([
    ['role_name: a\nfail_on: severe', /:2: fail_on: "severe" is no severity; there are critical/],
    [
      'fail_on:\n  encription: low',
      /:1: fail_on: there is no family "encription"; there are access/,
    ],
    ['fail_on:\n  keys: severe', /:1: fail_on: "severe" is no severity/],
    ['fail_on: []', /is no severity/],
    ['fail_on: 3', /3 is no severity/],
    ['fail_on: [high]', /is no/],
  ])('%s is refused with its line', async (yaml, told) => {
    await expect(loaded(yaml)).rejects.toThrow(told)
  })
})
