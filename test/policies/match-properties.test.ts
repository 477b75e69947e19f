import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arnMatches } from '../../lib/policy/match.ts'
import { ANY, compile, globMatches, STAR } from '../../lib/policy/pattern.ts'
import { common } from '../../lib/policy/witness.ts'
import { runs } from '../fuzz/runs.ts'
import { some } from './arbitraries.ts'

/** Words of few letters. */
function word(letters: readonly string[], most: number): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constant(''),
    some(letters, most).map((list) => list.join('')),
  )
}

describe('wildcards', () => {
  it('mean what a regular expression means', () => {
    fc.assert(
      fc.property(word(['a', 'b', '*', '?'], 7), word(['a', 'b'], 7), (glob, text) => {
        const pattern = glob.replaceAll('?', '.').replaceAll('*', '.*')
        const compiled = compile(glob, { wild: true, variables: false })
        expect(globMatches(compiled.glob, text)).toBe(new RegExp(`^${pattern}$`).test(text))
      }),
      runs(10_000),
    )
  })

  it('take time in proportion, however many there are', () => {
    const { glob } = compile(`arn:aws:s3:::${'*a'.repeat(2_000)}b`, {
      wild: true,
      variables: false,
    })
    expect(arnMatches(glob, `arn:aws:s3:::${'a'.repeat(20_000)}`)).toBe(false)
  })

  it('have an example in common, or no text matches them', () => {
    const glob = word(['a', 'b', STAR, ANY], 6)
    const texts = fc.array(word(['a', 'b'], 7), { minLength: 30, maxLength: 30 })
    fc.assert(
      fc.property(fc.tuple(glob, glob), texts, (globs, tried) => {
        const matches = (text: string) => globs.every((one) => globMatches(one, text))
        const example = common(globs)
        if (example === undefined) expect(tried.filter(matches)).toEqual([])
        else expect(example).toSatisfy(matches)
      }),
      runs(2_000),
    )
  })

  it('match no less for a star more', () => {
    const arn = word(['a', ':', '/'], 9).map((end) => `arn:aws:s3:::${end}`)
    fc.assert(
      fc.property(word(['a', ':', '/', '*', '?'], 9), arn, (end, text) => {
        const [narrow, wide] = [`arn:aws:s3:::${end}`, `arn:aws:s3:::${end}*`].map((source) =>
          arnMatches(compile(source, { wild: true, variables: false }).glob, text),
        )
        if (narrow === true) expect(wide).toBe(true)
        if (narrow === 'unknown') expect(wide).not.toBe(false)
      }),
      runs(5_000),
    )
  })
})
