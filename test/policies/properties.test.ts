import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/policy/decide.ts'
import { arnMatches } from '../../lib/policy/match.ts'
import { parsePolicy } from '../../lib/policy/parse.ts'
import { ANY, compile, globMatches, STAR } from '../../lib/policy/pattern.ts'
import type { Context, Document, PolicyKind, Request } from '../../lib/policy/types.ts'
import { common } from '../../lib/policy/witness.ts'
import {
  asked,
  context,
  type Plain,
  type Random,
  seeded,
  statement,
  statements,
} from './generate.ts'

const account = '111111111111'
const kinds: PolicyKind[] = ['identity', 'resource', 'trust', 'scp', 'rcp']

describe('parsing', () => {
  const whole = JSON.stringify({
    Version: '2012-10-17',
    Id: 'x',
    Statement: [
      {
        Sid: 'a',
        Effect: 'Allow',
        Principal: { AWS: ['1', '*'] },
        Action: ['s3:*'],
        Resource: '*',
      },
      {
        Effect: 'Deny',
        NotAction: 'a:b',
        NotResource: ['*'],
        Condition: { 'ForAllValues:StringLike': { a: [`$${'{b}'}`, '*'] } },
      },
    ],
  })
  const odd = [
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    'null',
    '0',
    '-',
    '%',
    '%7B',
    '${',
    '*',
    '\u0000',
    '\uD800',
    '\uFEFF',
    '__proto__',
    'Statement',
    ' ',
  ]

  it('survives 50,000 mutations of a document, and always says something', () => {
    const random = seeded(1)
    const silent: string[] = []
    for (let n = 0; n < 50_000; n++) {
      const text = mutated(random)
      const parsed = parsePolicy(text, random.pick(kinds))
      if ('problems' in parsed && parsed.problems.length === 0) silent.push(text)
    }
    expect(silent).toEqual([])
  })

  it('survives values of every shape in every place', () => {
    const random = seeded(2)
    const silent: unknown[] = []
    const shapes = [
      null,
      undefined,
      0,
      Number.NaN,
      true,
      '',
      'x',
      '*',
      [],
      {},
      [[]],
      [null],
      { a: 1 },
      { Statement: {} },
      Symbol.iterator,
      () => 1,
      1n,
    ]
    for (let n = 0; n < 20_000; n++) {
      const item = Object.fromEntries(
        random
          .some(
            [
              'Sid',
              'Effect',
              'Action',
              'NotAction',
              'Resource',
              'Principal',
              'NotPrincipal',
              'Condition',
            ],
            8,
          )
          .map((key) => [key, random.pick<unknown>(shapes)]),
      )
      const document = {
        Version: random.pick<unknown>(['2012-10-17', ...shapes]),
        Statement: random.pick<unknown>([item, [item], ...shapes]),
      }
      if (Object.keys(parsePolicy(document, random.pick(kinds))).length !== 1) silent.push(document)
    }
    expect(silent).toEqual([])
  })

  it('takes deep, long and hostile documents without a hang or a crash', () => {
    const long = `{"Statement":{"Effect":"Allow","Action":"*","Resource":[${'"arn:aws:s3:::a",'.repeat(50_000)}"*"]}}`
    expect(parsePolicy(long, 'identity')).toHaveProperty('policy')
    for (const text of [
      '['.repeat(50_000),
      `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
      '"\\'.repeat(50_000),
      '%7B'.repeat(50_000),
      '${'.repeat(50_000),
    ]) {
      expect(parsePolicy(text, 'identity')).toHaveProperty('problems')
    }
    expect(parsePolicy('{"__proto__":{"Statement":[]}}', 'identity')).toHaveProperty('problems')
  })

  function mutated(random: Random): string {
    let text = whole
    for (let n = random.below(4); n >= 0; n--) {
      const at = random.below(text.length)
      text = text.slice(0, at) + random.pick(odd) + text.slice(at + random.below(6))
    }
    return random.chance(0.1) ? encodeURIComponent(text.replace(/[\uD800-\uDFFF]/g, '')) : text
  }
})

describe('wildcards', () => {
  it('mean what a regular expression means', () => {
    const random = seeded(3)
    const wrong: unknown[] = []
    for (let n = 0; n < 20_000; n++) {
      const glob = word(random, ['a', 'b', '*', '?'], 7)
      const text = word(random, ['a', 'b'], 7)
      const pattern = glob.replaceAll('?', '.').replaceAll('*', '.*')
      const compiled = compile(glob, { wild: true, variables: false })
      const matches = new RegExp(`^${pattern}$`).test(text)
      if (globMatches(compiled.glob, text) !== matches) wrong.push({ glob, text, matches })
    }
    expect(wrong).toEqual([])
  })

  it('take time in proportion, however many there are', () => {
    const { glob } = compile(`arn:aws:s3:::${'*a'.repeat(2_000)}b`, {
      wild: true,
      variables: false,
    })
    expect(arnMatches(glob, `arn:aws:s3:::${'a'.repeat(20_000)}`)).toBe(false)
  })

  it('have an example in common, or no text matches them', () => {
    const found = counterexamples(4, 3_000, (random) => {
      const globs = [0, 1].map(() => word(random, ['a', 'b', STAR, ANY], 6))
      const match = (text: string) => globs.every((glob) => globMatches(glob, text))
      const example = common(globs)
      if (example !== undefined) return match(example) ? undefined : { globs, example }
      const texts = Array.from({ length: 30 }, () => word(random, ['a', 'b'], 7))
      return texts.some(match) ? { globs } : undefined
    })
    expect(found).toEqual([])
  })

  function word(random: Random, letters: string[], most: number): string {
    return Array.from({ length: random.below(most + 1) }, () => random.pick(letters)).join('')
  }
})

describe('decisions', () => {
  const rank = { denied: 0, conditional: 1, allowed: 2 }

  it('are those of a plain reading, where there are no conditions', () => {
    const found = counterexamples(5, 10_000, (random) => {
      const plain = () => statements(random, false)
      const identity = [plain(), plain()]
      const boundary = random.chance(0.4) ? plain() : undefined
      const levels = random.chance(0.5) ? [[plain()], [plain(), plain()]] : undefined
      const given = { ...asked(random), identity, boundary, levels }
      const expected = plainly(given, identity, boundary, levels) ? 'allowed' : 'denied'
      return answer(given) === expected ? undefined : { given, expected }
    })
    expect(found).toEqual([])
  })

  it('do not hang on the order of documents and statements', () => {
    const found = counterexamples(6, 5_000, (random) => {
      const identity = [statements(random, true), statements(random, true)]
      const given = { ...asked(random), identity, known: context(random) }
      const turned = { ...given, identity: identity.map((list) => list.toReversed()).toReversed() }
      return answer(turned) === answer(given) ? undefined : given
    })
    expect(found).toEqual([])
  })

  it('never allow more for one more Deny', () => {
    const found = counterexamples(7, 5_000, (random) => {
      const known = random.chance(0.5) ? context(random) : new Map()
      const given = { ...asked(random), known, identity: [statements(random, true)] }
      const deny: Plain = { ...statement(random, true), Effect: 'Deny' }
      const more = { ...given, identity: [...given.identity, [deny]] }
      return rank[answer(more)] <= rank[answer(given)] ? undefined : more
    })
    expect(found).toEqual([])
  })

  it('never allow less for a wider Allow', () => {
    const found = counterexamples(8, 5_000, (random) => {
      const { NotResource, ...rest } = statement(random, true)
      const narrow: Plain = {
        ...rest,
        Resource: rest.Resource ?? NotResource ?? [],
        Effect: 'Allow',
      }
      const others = statements(random, true)
      const given = { ...asked(random), known: context(random), identity: [[...others, narrow]] }
      const wide = { ...given, identity: [[...others, { ...narrow, Resource: ['*'] }]] }
      return rank[answer(wide)] >= rank[answer(given)] ? undefined : given
    })
    expect(found).toEqual([])
  })

  it('hold whatever the rest turns out to be, unless they are conditional', () => {
    const seen = { conditional: 0, allowed: 0, denied: 0 }
    const found = counterexamples(9, 10_000, (random) => {
      const whole = context(random)
      const part = new Map([...whole].filter(() => random.chance(0.5)))
      const given = {
        ...asked(random),
        identity: [statements(random, true), statements(random, true)],
        boundary: random.chance(0.3) ? statements(random, true) : undefined,
        levels: random.chance(0.3) ? [[statements(random, true)]] : undefined,
      }
      const partly = answer({ ...given, known: part })
      const wholly = answer({ ...given, known: whole })
      seen[partly]++
      const fits = [partly, wholly].includes('conditional') || partly === wholly
      return fits ? undefined : { given, partly, wholly }
    })
    expect(found).toEqual([])
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(200)
  })

  it('never allow on a document that was not read', () => {
    const found = counterexamples(10, 2_000, (random) => {
      const identity = [statements(random, true), undefined]
      const given = { ...asked(random), identity, known: context(random) }
      return answer(given) === 'allowed' ? given : undefined
    })
    expect(found).toEqual([])
  })
})

/** What a property fails on, of so many tries. */
function counterexamples(seed: number, tries: number, attempt: (random: Random) => unknown) {
  const random = seeded(seed)
  return Array.from({ length: tries }, () => attempt(random)).filter((found) => found !== undefined)
}

interface Given {
  action: string
  resource: string
  identity: (Plain[] | undefined)[]
  boundary?: Plain[] | undefined
  levels?: Plain[][][] | undefined
  known?: Context
}

function answer({ action, resource, identity, boundary, levels, known }: Given) {
  const request: Request = {
    principal: {
      arn: `arn:aws:iam::${account}:role/app`,
      account,
      kind: 'role',
      identity: identity.map((list) => document(list, 'identity')),
      boundary: boundary && document(boundary, 'identity'),
    },
    action,
    resource: { arn: resource, account, policy: null },
    scps: levels?.map((level) => level.map((list) => document(list, 'scp'))),
    context: known,
  }
  return decide(request).decision
}

function document(list: Plain[] | undefined, kind: PolicyKind): Document {
  if (!list) return { id: 'unread', policy: undefined }
  const parsed = parsePolicy({ Version: '2012-10-17', Statement: list }, kind)
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  return { id: 'x', policy: parsed.policy }
}

/** The rules again, as plainly as they can be written. */
function plainly(
  question: { action: string; resource: string },
  identity: Plain[][],
  boundary: Plain[] | undefined,
  levels: Plain[][][] | undefined,
): boolean {
  const about = (list: Plain[], effect: string) =>
    list.some((item) => item.Effect === effect && concerns(item, question))
  const all = [...identity, ...(boundary ? [boundary] : []), ...(levels?.flat() ?? [])].flat()
  if (about(all, 'Deny')) return false
  const above = levels?.every((level) => about(level.flat(), 'Allow')) ?? true
  return about(identity.flat(), 'Allow') && (!boundary || about(boundary, 'Allow')) && above
}

function concerns(
  item: Plain,
  { action, resource }: { action: string; resource: string },
): boolean {
  const reads = (patterns: string[], text: string, flags: string) =>
    patterns.some((pattern) =>
      new RegExp(`^${pattern.replaceAll('?', '.').replaceAll('*', '.*')}$`, flags).test(text),
    )
  const acts = item.Action
    ? reads(item.Action, action, 'i')
    : !reads(item.NotAction ?? [], action, 'i')
  const lies = item.Resource
    ? reads(item.Resource, resource, '')
    : !reads(item.NotResource ?? [], resource, '')
  return acts && lies
}
