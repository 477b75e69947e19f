import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { askers } from './ask.ts'

/** A file of cases names the AWS rule that they rest on; a case may name another one. */
interface File {
  rule: string
  cases: Record<string, unknown>[]
}

/** What a plain expectation is about. */
const answers: Record<string, string> = {
  decide: 'decision',
  conditions: 'holds',
  match: 'matches',
  coverage: 'covered',
  trust: 'decision',
  parse: 'statements',
}

const files = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: folder }) =>
    readdirSync(join(import.meta.dirname, folder)).map((name) => ({ folder, name })),
  )
  .map(({ folder, name }) => {
    const text = readFileSync(join(import.meta.dirname, folder, name), 'utf8')
    const file: File = parse(text)
    return { title: `${folder}/${name}`, folder, ...file }
  })

describe.each(files)('$title', ({ folder, rule, cases }) => {
  it.each(cases)('$name', (given) => {
    const ask = askers[folder as keyof typeof askers]
    const expected = given.expect
    expect(ask(given)).toMatchObject(
      typeof expected === 'object' ? (expected as object) : { [answers[folder] ?? '']: expected },
    )
  })

  it('rests on a rule of AWS, and names each case once', () => {
    expect(rule).toMatch(/^https:\/\/(docs\.aws\.amazon\.com|repost\.aws|datatracker\.ietf\.org)\//)
    const names = cases.map(({ name }) => name)
    expect(names).toEqual([...new Set(names)])
  })
})

it('has at least 200 cases of decisions', () => {
  const decisions = files.filter(({ folder }) => folder === 'decide' || folder === 'conditions')
  expect(decisions.flatMap(({ cases }) => cases).length).toBeGreaterThanOrEqual(200)
})
