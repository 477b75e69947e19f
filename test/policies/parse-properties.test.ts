import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/policy/decide.ts'
import { grantsOf } from '../../lib/policy/grants.ts'
import { parsePolicy } from '../../lib/policy/parse.ts'
import type { PolicyKind } from '../../lib/policy/types.ts'
import { keptCases, runs } from '../fuzz/runs.ts'
import { granting, type Plain, statements } from './arbitraries.ts'

const kinds: PolicyKind[] = ['identity', 'resource', 'trust', 'scp', 'rcp']
const kind = fc.constantFrom(...kinds)
/** Every code unit there is: halves of pairs, nulls, private use. */
const hostile = fc
  .array(fc.oneof(fc.nat(0xffff), fc.constantFrom(0xe000, 0xe001, 0xe002, 0x24, 0x2a, 0x7b)), {
    maxLength: 12,
  })
  .map((units) => String.fromCharCode(...units))
/** What documents are made of, whole and torn. */
const odd = [
  ...['{', '}', '[', ']', '"', ',', ':', '\\', 'null', '0', '-', '%', '%7B', '${', '*', ' '],
  ...['\u0000', '\uD800', '\uFEFF', '\uE000', '\\ue000', '__proto__', 'Statement', 'Deny'],
]

/** A policy that says much. */
const document = statements(granting).map((Statement) => ({ Version: '2012-10-17', Statement }))

describe('parsing', () => {
  it('says something of every document that is kept as a case', () => {
    for (const { of, text } of keptCases<{ of: PolicyKind; text: string }>('policies'))
      heard(text, of)
  })

  it('survives torn documents, and always says something', () => {
    const torn = fc
      .tuple(document, fc.array(fc.tuple(fc.nat(), fc.constantFrom(...odd), fc.nat(6))))
      .map(([whole, cuts]) =>
        cuts.reduce((text, [n, more, less]) => {
          const at = n % (text.length + 1)
          return text.slice(0, at) + more + text.slice(at + less)
        }, JSON.stringify(whole)),
      )
    fc.assert(fc.property(torn, kind, heard), runs(15_000))
  })

  it('survives any text', () => {
    fc.assert(fc.property(fc.oneof(hostile, fc.string(), fc.json()), kind, heard), runs(5_000))
  })

  it('survives values of every shape in every place', () => {
    const anything = fc.anything({ withBigInt: true, withNullPrototype: true, maxDepth: 2 })
    const shape = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('*', 'Allow', 'a:b', '', [], {}, null) },
      { weight: 1, arbitrary: fc.oneof(anything, hostile, fc.constant(Symbol.iterator)) },
    )
    const names = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']
    const item = fc.dictionary(
      fc.constantFrom(...names, 'Principal', 'NotPrincipal', '__proto__', 'x'),
      shape,
    )
    const root = fc.oneof(
      anything,
      fc.record({
        Version: fc.oneof(fc.constant('2012-10-17'), shape),
        Statement: fc.oneof(item, fc.array(item), shape),
      }),
    )
    fc.assert(fc.property(root, kind, heard), runs(15_000))
  })

  it('takes what it understands to a decision', () => {
    const few = { maxLength: 2, maxKeys: 2, size: 'max' } as const
    const text = fc.oneof(hostile, fc.constantFrom('*', 'arn:aws:s3:::a', `$${'{a:b}'}`))
    const texts = fc.array(text, few)
    const item = fc.record({
      Effect: fc.constantFrom('Allow', 'Deny'),
      Principal: fc.oneof(fc.constant('*'), fc.record({ AWS: texts })),
      Action: fc.constantFrom('*', 's3:*', ['s3:GetObject', 'a:b*?']),
      Resource: texts,
      Condition: fc.dictionary(
        fc.constantFrom('StringLike', 'ForAllValues:ArnLike', 'IpAddress', 'DateEquals', 'Null'),
        fc.dictionary(fc.constantFrom('aws:PrincipalArn', 'k', 'aws:SourceIp'), texts, few),
        few,
      ),
    })
    let understood = 0
    const property = fc.property(fc.array(item, few), hostile, (Statement, arn) => {
      const parsed = parsePolicy({ Version: '2012-10-17', Statement }, 'resource')
      if ('problems' in parsed) return
      understood++
      const policy = { id: 'x', policy: parsed.policy }
      const resource = { arn, account: '111111111111', policy }
      const identity = [{ id: 'y', policy: parsed.policy }]
      const principal = { arn, account: undefined, kind: 'role' as const, identity }
      const context = new Map([['k', [arn]]])
      const { decision } = decide({ principal, action: 's3:GetObject', resource, context })
      expect(['allowed', 'conditional', 'denied']).toContain(decision)
      const known = { organization: undefined, trusted: new Set<string>() }
      expect(grantsOf(policy, resource, known)).toBeInstanceOf(Array)
    })
    fc.assert(property, runs(10_000))
    expect(understood).toBeGreaterThan(1_000)
  })

  it('reads a text, its value, and what IAM makes of it alike', () => {
    fc.assert(
      fc.property(document, (value) => {
        const parsed = parsePolicy(value, 'resource')
        const text = JSON.stringify(value, undefined, 2)
        const printed = [text, `\uFEFF${text}`, encodeURIComponent(text), `\n${text} `]
        expect(printed.map((one) => parsePolicy(one, 'resource'))).toEqual(
          printed.map(() => parsed),
        )
        expect(parsed).toHaveProperty('policy')
      }),
      runs(1_500),
    )
  })

  it('reads one thing and a list of it alike', () => {
    fc.assert(
      fc.property(granting, (plain) => {
        const list = parsePolicy(documentOf([plain]), 'resource')
        expect(parsePolicy(documentOf(unlisted(plain)), 'resource')).toEqual(list)
      }),
      runs(3_000),
    )
  })

  it('takes a text without wildcards for itself alone', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const Resource = one.replace(/[*?$]/g, '')
        const parsed = parsePolicy(
          // As ASCII, so that escapes are read too.
          ascii(documentOf({ Effect: 'Allow', Action: '*', Resource })),
          'identity',
        )
        const reserved = /[\uE000-\uE002]/.test(Resource)
        expect('problems' in parsed).toBe(reserved || Resource === '')
        if ('problems' in parsed) return
        const [pattern] = parsed.policy.statements[0]?.resource?.patterns ?? []
        expect(pattern).toMatchObject({ glob: Resource, wild: false, variables: false })
        expect(pattern?.glob === other).toBe(Resource === other)
      }),
      runs(5_000),
    )
  })

  it('takes deep, long and hostile documents without a hang or a crash', () => {
    const long = `{"Statement":{"Effect":"Allow","Action":"*","Resource":[${'"arn:aws:s3:::a",'.repeat(50_000)}"*"]}}`
    expect(parsePolicy(long, 'identity')).toHaveProperty('policy')
    const many = `{"Statement":[${`{"Effect":"Deny","Action":"a:b","Resource":"*"},`.repeat(20_000)}{"Effect":"Allow","Action":"*","Resource":"*"}]}`
    expect(parsePolicy(many, 'identity')).toHaveProperty('policy')
    for (const text of [
      '['.repeat(50_000),
      `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
      `{"Statement":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      `${'{"Statement":'.repeat(50_000)}0${'}'.repeat(50_000)}`,
      '"\\'.repeat(50_000),
      '%7B'.repeat(50_000),
      '${'.repeat(50_000),
    ]) {
      expect(parsePolicy(text, 'identity')).toHaveProperty('problems')
    }
    expect(parsePolicy('{"__proto__":{"Statement":[]}}', 'identity')).toHaveProperty('problems')
  })
})

/** What cannot be understood is said with its reasons. */
function heard(input: unknown, of: PolicyKind): void {
  const parsed = parsePolicy(input, of)
  expect(Object.keys(parsed)).toHaveLength(1)
  if ('problems' in parsed) expect(parsed.problems).not.toEqual([])
}

function documentOf(Statement: unknown) {
  return { Version: '2012-10-17', Statement }
}

/** Lists of one as that one, wherever the grammar has it so. */
function unlisted(plain: Plain): unknown {
  const single = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.length === 1 ? value[0] : value
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, single(item)]))
  }
  return single(plain)
}

function ascii(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007F-\uFFFF]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
