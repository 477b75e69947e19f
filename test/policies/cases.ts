import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** What a folder of cases asks, with the names that its cases may give: a name that nobody reads would say nothing. */
const questions = {
  decide: {
    policies: ['identity', 'boundary', 'resource', 'scps', 'rcps'],
    request: [
      ...['principal', 'id', 'tags', 'action', 'resource', 'owner', 'resource_tags'],
      ...['aws_managed', 'organization', 'context'],
    ],
  },
  conditions: { policies: ['condition'], request: ['context'] },
  match: { policies: ['pattern', 'not'], request: ['action', 'arn'] },
  grants: { policies: ['resource'], request: ['resource'] },
  guards: {
    policies: ['resource', 'scps'],
    request: ['action', 'resource', 'account', 'recovery_points'],
  },
  trust: {
    policies: ['identity', 'boundary', 'trust', 'scps', 'rcps'],
    request: ['principal', 'role'],
  },
  parse: { policies: ['document'], request: ['kind'] },
  'principal-powers': {
    policies: ['identity', 'boundary', 'scps'],
    request: ['principal', 'regions', 'things'],
  },
  'backup-policies': { policies: ['levels'], request: [] },
} as const

export type Question = keyof typeof questions

/** A rule of AWS that cases rest on: what it says, in a sentence of ours, and the page that says it. */
const rule = z.strictObject({
  says: z.string().endsWith('.'),
  url: z.string().regex(/^https:\/\/(docs\.aws\.amazon\.com|datatracker\.ietf\.org)\/\S+$/),
})

export const rules = z.record(z.string(), rule).parse(read('rules.json'))

/** Cases of a question. What a case does not say is as `ask.ts` has it: a role of an account in an organization. */
export function casesOf(question: Question) {
  const { policies, request } = questions[question]
  return z.array(
    z.strictObject({
      name: z.string().min(1),
      rule: z.enum(Object.keys(rules)),
      policies: z.partialRecord(z.enum(policies), z.unknown()),
      request: z.partialRecord(z.enum(request), z.unknown()),
      expected: z.unknown().refine((value) => value !== undefined, 'is missing'),
    }),
  )
}

export interface Case {
  name: string
  rule: string
  policies: Record<string, unknown>
  request: Record<string, unknown>
  expected: unknown
}

export interface CaseFile {
  title: string
  question: Question
  cases: Case[]
}

/** Every file of cases, each held to the form of its question. */
export const caseFiles: CaseFile[] = (Object.keys(questions) as Question[]).flatMap((question) =>
  readdirSync(join(import.meta.dirname, question)).map((name) => {
    const title = `${question}/${name}`
    const { data, error } = casesOf(question).safeParse(read(title))
    if (error) throw new Error(`${title}: ${z.prettifyError(error)}`)
    return { title, question, cases: data }
  }),
)

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, path), 'utf8'))
}
