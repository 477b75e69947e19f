import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Candidate, parseSelection, readsTags, selects } from '../../lib/derive/selection.ts'

interface Case {
  name: string
  candidate?: Partial<Candidate>
  selection: object
  opted_in?: string[]
  chosen: boolean
}

const volume: Candidate = {
  arn: 'arn:aws:ec2:eu-west-1:111111111111:volume/vol-1',
  type: 'EBS',
  tags: { backup: 'daily', stage: 'prod' },
}
const cases: Case[] = parse(readFileSync(join(import.meta.dirname, 'selections.yaml'), 'utf8'))

describe('a selection of a backup plan', () => {
  it.each(cases)('$name', ({ candidate, selection, opted_in, chosen }) => {
    const parsed = parseSelection(JSON.stringify(selection))
    const optedIn = (type: string) => opted_in?.includes(type) ?? true
    expect(selects(parsed, { ...volume, ...candidate }, optedIn)).toBe(chosen)
  })

  it('says whether it reads tags', () => {
    expect(readsTags({ Resources: ['*'], ListOfTags: [] })).toBe(false)
    expect(readsTags({ ListOfTags: [{ ConditionKey: 'a', ConditionValue: 'b' }] })).toBe(true)
    const StringLike = [{ ConditionKey: 'a', ConditionValue: 'b' }]
    expect(readsTags({ Conditions: { StringLike } })).toBe(true)
  })

  it.each(['{', '[]', '{"Resources": "*"}'])('refuses %s', (text) => {
    expect(() => parseSelection(text)).toThrow()
  })
})
