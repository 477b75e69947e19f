import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../fuzz/runs.ts'
import { answer, rank } from './answer.ts'
import {
  asked,
  bare,
  type Given,
  given,
  granting,
  type Plain,
  statement,
  statements,
} from './arbitraries.ts'

/*
 * What holds of every policy, whatever it says. Each draws a few documents a try; those of all properties together are well over
 * 100,000 a run. What fails is printed with its seed, made as small as it can be.
 */
describe('decisions', () => {
  const simple = fc.record({
    of: asked,
    identity: fc.array(statements(bare), { minLength: 1, maxLength: 2 }),
    boundary: fc.option(statements(bare), { nil: undefined }),
    scps: fc.option(fc.array(fc.array(statements(bare), { minLength: 1, maxLength: 2 })), {
      nil: undefined,
    }),
  })

  it('are those of a plain reading, where there are no conditions', () => {
    fc.assert(
      fc.property(simple, ({ of, ...policies }) => {
        const expected = plainly(of, policies) ? 'allowed' : 'denied'
        expect(answer({ ...empty, ...of, ...policies }).decision).toBe(expected)
      }),
      runs(5_000),
    )
  })

  it('do not hang on the order of levels’ documents, statements and their elements', () => {
    const turned = given.chain((one) => fc.tuple(fc.constant(one), shuffled(one)))
    fc.assert(
      fc.property(turned, ([one, other]) => {
        const { by: _, ...decision } = answer(one)
        expect(answer(other)).toMatchObject(decision)
      }),
      runs(4_000),
    )
  })

  it.each<[string, (one: Given, deny: Plain[]) => Given]>([
    ['an identity policy', (one, deny) => ({ ...one, identity: [...one.identity, deny] })],
    [
      'a boundary',
      (one, deny) => ({ ...one, boundary: one.boundary && [...one.boundary, ...deny] }),
    ],
    ['an SCP', (one, deny) => ({ ...one, scps: one.scps?.map((level) => [...level, deny]) })],
  ])('never allow more for one more Deny in %s', (_, add) => {
    fc.assert(
      fc.property(given, statement, (one, plain) => {
        const more = add(one, [{ ...plain, Effect: 'Deny' }])
        expect(rank[answer(more).decision]).toBeLessThanOrEqual(rank[answer(one).decision])
      }),
      runs(2_000),
    )
  })

  it('never allow more for one more Deny in the resource’s policy', () => {
    fc.assert(
      fc.property(given, granting, (one, plain) => {
        const granted = [...(one.granted ?? []), { ...plain, Effect: 'Deny' as const }]
        const more = answer({ ...one, granted })
        expect(rank[more.decision]).toBeLessThanOrEqual(rank[answer(one).decision])
      }),
      runs(3_000),
    )
  })

  it.each<[string, (plain: Plain) => Plain]>([
    ['everything', ({ NotResource: _, ...rest }) => ({ ...rest, Resource: ['*'] })],
    ['one thing more', (plain) => widened(plain, 'Resource', 'arn:aws:s3:::a*')],
    ['all actions', ({ NotAction: _, ...rest }) => ({ ...rest, Action: ['*'] })],
    ['one action more', (plain) => widened(plain, 'Action', 's3:*')],
    ['any condition', ({ Condition: _, ...rest }) => rest],
  ])('never allow less for an Allow of %s', (_, widen) => {
    fc.assert(
      fc.property(given, statement, (one, plain) => {
        const narrow: Plain = { ...plain, Effect: 'Allow' }
        const answers = [narrow, widen(narrow)].map((allow) =>
          answer({ ...one, identity: [...one.identity, [allow]] }),
        )
        const [before, after] = answers.map(({ decision }) => rank[decision])
        expect(after).toBeGreaterThanOrEqual(before ?? 0)
      }),
      runs(2_000),
    )
  })

  it.each(['boundary', 'scps', 'rcps'] as const)('never allow more within %s', (limit) => {
    fc.assert(
      fc.property(given, (one) => {
        const without = answer({ ...one, [limit]: undefined })
        expect(rank[answer(one).decision]).toBeLessThanOrEqual(rank[without.decision])
      }),
      runs(3_000),
    )
  })

  it('never allow more without a policy that allows', () => {
    fc.assert(
      fc.property(given, (one) => {
        const allows = (list: Plain[]) => list.filter(({ Effect }) => Effect === 'Deny')
        const identity = one.identity.map((list) => list && allows(list))
        const denied = answer({ ...one, identity, granted: one.granted && allows(one.granted) })
        expect(one.kind === 'root' || denied.decision === 'denied').toBe(true)
      }),
      runs(2_000),
    )
  })

  it('hold whatever the rest turns out to be, unless they are conditional', () => {
    const seen = { conditional: 0, allowed: 0, denied: 0 }
    fc.assert(
      fc.property(given, fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), (one, kept) => {
        const known = new Map([...one.known].filter((_, n) => kept[n]))
        const partly = answer({ ...one, known }).decision
        seen[partly]++
        if (partly !== 'conditional') {
          expect([partly, 'conditional']).toContain(answer(one).decision)
        }
      }),
      runs(5_000),
    )
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(100)
  })

  it('never allow on a document that was not read', () => {
    fc.assert(
      fc.property(given, (one) => {
        const { decision } = answer({ ...one, identity: [...one.identity, null] })
        expect(decision).not.toBe('allowed')
      }),
      runs(2_000),
    )
  })
})

const empty: Given = {
  action: '',
  resource: '',
  kind: 'role',
  foreign: false,
  known: new Map(),
  identity: [],
  boundary: undefined,
  granted: undefined,
  scps: undefined,
  rcps: undefined,
}

/** An element with one pattern more; of `Not…` with one less named, where one is left. */
function widened(plain: Plain, name: 'Action' | 'Resource', more: string): Plain {
  const list = plain[name]
  if (list) return { ...plain, [name]: [...list, more] }
  const but = plain[`Not${name}`] ?? []
  return but.length > 1 ? { ...plain, [`Not${name}`]: but.slice(1) } : plain
}

/** The same in another order: documents, statements, actions, resources, values. */
function shuffled(one: Given): fc.Arbitrary<Given> {
  return fc.infiniteStream(fc.nat()).map((numbers) => {
    const turn = <T>(list: readonly T[]): T[] => {
      const rest = [...list]
      return list.flatMap(() => rest.splice(numbers.next().value % rest.length, 1))
    }
    const plain = (given: Plain): Plain =>
      Object.fromEntries(
        turn(Object.entries(given)).map(([name, value]) => [
          name,
          Array.isArray(value) ? turn(value) : value,
        ]),
      ) as unknown as Plain
    const list = (given: Plain[]) => turn(given.map(plain))
    return {
      ...one,
      identity: turn(one.identity.map((item) => item && list(item))),
      boundary: one.boundary && list(one.boundary),
      granted: one.granted && list(one.granted),
      scps: one.scps?.map((level) => turn(level.map(list))),
      rcps: one.rcps?.map((level) => turn(level.map(list))),
    }
  })
}

/** The rules again, as plainly as they can be written. */
function plainly(
  question: { action: string; resource: string },
  policies: { identity: Plain[][]; boundary?: Plain[] | undefined; scps?: Plain[][][] | undefined },
): boolean {
  const { identity, boundary, scps } = policies
  const about = (list: Plain[], effect: string) =>
    list.some((item) => item.Effect === effect && concerns(item, question))
  const all = [...identity, ...(boundary ? [boundary] : []), ...(scps?.flat() ?? [])].flat()
  if (about(all, 'Deny')) return false
  const above = scps?.every((level) => about(level.flat(), 'Allow')) ?? true
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
