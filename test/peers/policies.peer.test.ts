import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decide } from '../../lib/policy/decide.ts'
import { parsePolicy } from '../../lib/policy/parse.ts'
import { asked, bare, type Plain, statements } from '../policies/arbitraries.ts'
import { python } from './peers.ts'

interface Question {
  action: string
  resource: string
  policy: { Version: string; Statement: Plain[] }
}

/** Where moto is known to differ, and the AWS rule that it misses. */
const differences: [rule: string, statement: Plain, moto: string][] = [
  [
    'names of actions are not case-sensitive (reference_policies_elements_action)',
    { Effect: 'Allow', Action: ['S3:getobject'], Resource: ['*'] },
    'NEUTRAL',
  ],
  [
    'a question mark is any one character (reference_policies_elements_action)',
    { Effect: 'Allow', Action: ['s3:?etObject'], Resource: ['*'] },
    'NEUTRAL',
  ],
  [
    'NotResource leaves out what it names (reference_policies_elements_notresource)',
    { Effect: 'Allow', Action: ['s3:GetObject'], NotResource: ['arn:aws:s3:::a/x'] },
    'PERMITTED',
  ],
]

const decisions: Record<string, string> = {
  PERMITTED: 'allowed',
  DENIED: 'denied',
  NEUTRAL: 'denied',
}

describe('decisions over identity policies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-policies-'))
  const drawn = fc.tuple(asked, statements(bare), statements(bare))
  const questions = fc
    .sample(drawn, { seed: 42, numRuns: 3_000 })
    .map(([of, ...lists]) => question(of, lists.flat().map(without)))
  let answers: string[]
  let known: string[]

  beforeAll(async () => {
    answers = await ask(questions)
    known = await ask(
      differences.map(([, statement]) =>
        question({ action: 's3:GetObject', resource: 'arn:aws:s3:::a/x' }, [statement]),
      ),
    )
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  it('are those of moto', () => {
    const other = questions
      .map((asked, n) => ({ ...asked, moto: decisions[answers[n] ?? ''], own: own(asked) }))
      .filter(({ moto, own }) => moto !== own)
    expect(other).toEqual([])
    expect(new Set(answers)).toEqual(new Set(['PERMITTED', 'DENIED', 'NEUTRAL']))
  })

  it.each(differences.map(([rule, , moto], n) => ({ rule, moto, n })))(
    'differ where moto misses that $rule',
    ({ moto, n }) => {
      const [, statement] = differences[n] ?? []
      const list = statement ? [statement] : []
      expect(known[n]).toBe(moto)
      const ours = own(question({ action: 's3:GetObject', resource: 'arn:aws:s3:::a/x' }, list))
      expect(ours).not.toBe(decisions[moto])
    },
  )

  async function ask(list: Question[]): Promise<string[]> {
    const file = join(folder, `${list.length}.json`)
    writeFileSync(file, JSON.stringify(list))
    return python('decide_policies.py', [file])
  }
})

function question(
  { action, resource }: { action: string; resource: string },
  list: Plain[],
): Question {
  return { action, resource, policy: { Version: '2012-10-17', Statement: list } }
}

/** What moto is known to misread is asked about apart. */
function without({ NotResource, ...rest }: Plain): Plain {
  const plain = (patterns: string[] | undefined) =>
    patterns?.filter((pattern) => !pattern.includes('?') && !/^[A-Z]/.test(pattern))
  const Action = plain(rest.Action)
  const NotAction = plain(rest.NotAction)
  return {
    Effect: rest.Effect,
    ...(NotAction ? { NotAction: orElse(NotAction, 'iam:*') } : { Action: orElse(Action, 's3:*') }),
    Resource: orElse(plain(rest.Resource ?? NotResource), '*'),
  }
}

function orElse(patterns: string[] | undefined, other: string): string[] {
  return patterns && patterns.length > 0 ? patterns : [other]
}

function own({ policy, action, resource }: Question): string {
  const parsed = parsePolicy(JSON.stringify(policy), 'identity')
  if ('problems' in parsed) return JSON.stringify(parsed.problems)
  const account = '111111111111'
  const identity = [{ id: 'policy', policy: parsed.policy }]
  const principal = {
    arn: `arn:aws:iam::${account}:role/app`,
    account,
    kind: 'role' as const,
    identity,
  }
  return decide({ principal, action, resource: { arn: resource, account, policy: null } }).decision
}
