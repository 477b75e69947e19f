import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { askers } from './ask.ts'
import { type Case, caseFiles, casesOf, type Question, rules } from './cases.ts'

/** What a plain expectation is about. */
const answers: Partial<Record<Question, string>> = {
  decide: 'decision',
  conditions: 'holds',
  match: 'matches',
  guards: 'covered',
  trust: 'decision',
  parse: 'statements',
}

describe.each(caseFiles)('$title', ({ question, cases }) => {
  it.each(cases)('$name', (given) => {
    const { expected } = given
    expect(askers[question](given)).toMatchObject(
      typeof expected === 'object' ? Object(expected) : { [answers[question] ?? '']: expected },
    )
  })

  it('names each case once', () => {
    const names = cases.map(({ name }) => name)
    expect(names).toEqual([...new Set(names)])
  })
})

describe('cases', () => {
  const whole: Case = {
    name: 'a case',
    rule: 'deny-overrides',
    policies: { identity: ['full'] },
    request: { action: 's3:GetObject' },
    expected: 'allowed',
  }

  it('are read whole', () => {
    expect(casesOf('decide').parse([whole])).toEqual([whole])
  })

  it.each<[string, object]>([
    ['without a rule', { rule: undefined }],
    ['under a rule that nobody wrote down', { rule: 'common sense' }],
    ['without an expectation', { expected: undefined }],
    ['without a name', { name: '' }],
    ['with a policy that is none', { policies: { identities: [] } }],
    ['with a request that nobody reads', { request: { resorce: 'arn:aws:s3:::a' } }],
    ['with anything else', { comment: 'x' }],
  ])('%s are refused', (_, part) => {
    expect(casesOf('decide').safeParse([{ ...whole, ...part }]).success).toBe(false)
  })

  it('use every rule, and every folder is asked', () => {
    const used = caseFiles.flatMap(({ cases }) => cases.map(({ rule }) => rule))
    expect(new Set(used)).toEqual(new Set(Object.keys(rules)))
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
    expect(new Set(caseFiles.map(({ question }) => question))).toEqual(new Set(folders))
  })

  it('of decisions are at least 300', () => {
    const decisions = caseFiles.filter(({ question }) => /^(decide|conditions)$/.test(question))
    expect(decisions.flatMap(({ cases }) => cases).length).toBeGreaterThanOrEqual(300)
  })
})
