import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { loadConfig } from '../../lib/config/load.ts'
import { configSchema } from '../../lib/config/schema.ts'
import { ControlError, loadControls, parseControl } from '../../lib/engine/controls.ts'
import { UsageError } from '../../lib/usage-error.ts'
import { temporaryFolder } from '../support/simulated.ts'
import { keptCases, runs } from './runs.ts'

// Documents that people write: whatever they hold, they are taken for what they say, or refused with the file and the line.

const waiver = {
  control: 'ebs-volumes-are-encrypted',
  account: '111122223333',
  resource: 'arn:aws:ec2:*',
  owner: 'storage',
  reason: 'scratch',
  expires: '2027-01-01',
}

const CONFIG = {
  regions: ['eu-central-1', 'us-east-1'],
  services: ['backup', 'ec2'],
  exclude_accounts: ['111122223333'],
  budget_share: 0.3,
  settings: { required_key_manager: 'customer', min_retention_days: 35 },
  waivers: [waiver],
}

/** What stands where something else should: of another kind, hostile by its name, or far too much. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, '', 0, -1, 1e308, true, [], {}, [null], '*', '%', 'a\u0000b'),
  fc.constantFrom<unknown>('\u202e', '\ud800', '2026-13-45', '.inf', '.nan', 'x'.repeat(100_000)),
  fc.anything({ maxDepth: 2, withNullPrototype: false }),
)
const hostileKeys = ['__proto__', 'constructor', 'prototype', 'toString', 'then', '<<']

/** A document with one value of it changed, or one key more. */
function changed(document: unknown): fc.Arbitrary<unknown> {
  const places: (string | number)[][] = []
  const walk = (value: unknown, path: (string | number)[]) => {
    places.push(path)
    if (typeof value !== 'object' || value === null) return
    for (const [key, member] of Object.entries(value)) walk(member, [...path, key])
  }
  walk(document, [])
  return fc
    .tuple(fc.constantFrom(...places), odd, fc.option(fc.constantFrom(...hostileKeys)))
    .map(([path, value, key]) => replaced(structuredClone(document), path, [key, value]))
}

function replaced(
  root: unknown,
  path: (string | number)[],
  [key, value]: [string | null, unknown],
): unknown {
  const steps = key === null ? path : [...path, key]
  if (steps.length === 0) return value
  let holder = root as Record<string, unknown>
  for (const step of steps.slice(0, -1)) holder = holder[step] as Record<string, unknown>
  if (typeof holder !== 'object' || holder === null) return root
  const [last = ''] = steps.slice(-1)
  Object.defineProperty(holder, last, { value, enumerable: true, configurable: true })
  return root
}

/** The same as text, torn here and there. */
const torn = (text: string) =>
  fc
    .array(
      fc.tuple(
        fc.nat(text.length),
        fc.constantFrom(
          ...[
            '*a',
            '&a',
            '? ',
            '<<: ',
            '- ',
            '\t',
            '{',
            '[',
            '!!binary ',
            '%TAG',
            '\u0000',
            '\n---\n',
            '"',
            ': ',
          ],
        ),
        fc.nat(8),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((cuts) =>
      cuts.reduce((now, [at, more, less]) => now.slice(0, at) + more + now.slice(at + less), text),
    )

function written(value: unknown): string {
  try {
    return stringify(value)
  } catch {
    // What YAML cannot write is no document.
    return String(value)
  }
}

describe('a configuration', () => {
  let file: string
  beforeAll(async () => {
    file = join(await temporaryFolder(), 'strongroom.yaml')
  })

  /** @returns what the file was taken for; undefined: it was refused as it should be */
  async function heard(text: string, read: () => ReturnType<typeof loadConfig>) {
    await writeFile(file, text)
    try {
      const config = await read()
      expect(configSchema.safeParse(config).success).toBe(true)
      return config
    } catch (error) {
      expect(error, text.slice(0, 500)).toBeInstanceOf(UsageError)
      const { message } = error as Error
      for (const line of message.split('\n').slice(0, 1)) expect(line).toContain(file)
      return undefined
    } finally {
      expect(Object.keys(Object.prototype)).toEqual([])
      expect(({} as Record<string, unknown>).fuzz).toBeUndefined()
    }
  }
  const asConfig = (text: string) => heard(text, () => loadConfig(file))
  const asWaivers = (text: string) =>
    heard(text, () => loadConfig(undefined, { waivers_file: file }))

  test('that once was misread', async () => {
    for (const text of keptCases<string>('documents')) {
      await asConfig(text)
      await asWaivers(text)
    }
  })

  test('is one of the schema’s, or refused with file and line', async () => {
    const text = fc.oneof(
      changed(CONFIG).map(written),
      torn(stringify(CONFIG)),
      fc.string({ maxLength: 200 }),
      fc.json().map((json) => `settings: ${json}`),
    )
    await fc.assert(
      fc.asyncProperty(text, async (one) => void (await asConfig(one))),
      {
        ...runs(400),
      },
    )
  })

  test('of waivers waives nothing by what is broken in it', async () => {
    const text = fc.oneof(changed([waiver, waiver]).map(written), torn(stringify([waiver])))
    const property = fc.asyncProperty(text, async (one) => {
      for (const kept of (await asWaivers(one))?.waivers ?? []) {
        expect(kept.owner).not.toBe('')
        expect(kept.reason).not.toBe('')
        expect(Number.isNaN(Date.parse(`${kept.expires}T00:00:00Z`))).toBe(false)
        expect(typeof kept.resource).toBe('string')
      }
    })
    await fc.assert(property, runs(300))
  })
})

test('the header of a control is understood, or refused with file and line', () => {
  const controls = loadControls().map(
    ({ id, sql }) =>
      `-- title: ${id}\n-- family: sharing\n-- severity: low\n-- requirement: X\n-- subject: a, b\n-- rationale: because\n-- remediation: mend\n${sql}`,
  )
  const header = fc.constantFrom(...controls.slice(0, 5)).chain(torn)
  const line = fc.tuple(
    fc.constantFrom('title', 'family', 'evidence', 'constructor', '__proto__', 'x', ''),
    fc.string(),
  )
  const lines = fc
    .array(line)
    .map((all) => all.map(([key, value]) => `-- ${key}: ${value}`).join('\n'))
  const property = fc.property(fc.oneof(header, lines, fc.string()), (text) => {
    try {
      const control = parseControl('a.sql', text)
      expect(control.sql).not.toBe('')
      expect(control.subject.length).toBeGreaterThan(0)
    } catch (error) {
      expect(error).toBeInstanceOf(ControlError)
      expect((error as Error).message).toMatch(/^a\.sql:\d+: /)
    }
  })
  fc.assert(property, runs(2000))
})
