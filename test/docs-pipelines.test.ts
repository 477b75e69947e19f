import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../lib/config/load.ts'

interface Step {
  uses?: string
  run?: string
  if?: string
  with?: Record<string, string>
}

const page = readFileSync(join(import.meta.dirname, '../docs/pipelines.md'), 'utf8')
const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => parse(text))
const [workflow, , gitlab] = blocks
const steps: Step[] = workflow.jobs.audit.steps
const stepOf = (action: string) => steps.findIndex(({ uses }) => uses?.startsWith(`${action}@`))
const running = (command: string) => steps.findIndex(({ run }) => run?.includes(command))

test('every block of the page is YAML, a workflow first', () => {
  expect(blocks).toHaveLength(3)
  // YAML 1.1, which GitHub does not read by, would take the key for a boolean.
  expect(Object.keys(workflow)).toEqual(['name', 'on', 'permissions', 'concurrency', 'jobs'])
  for (const step of steps) expect(step.uses === undefined).toBe(step.run !== undefined)
})

test('the workflow may ask for a token and read the repository, and nothing else', () => {
  expect(workflow.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
  const credentials = steps[stepOf('aws-actions/configure-aws-credentials')]?.with
  expect(credentials?.['role-to-assume']).toMatch(/^arn:aws:iam::\d{12}:role\//)
  expect(Object.keys(credentials ?? {}).join()).not.toMatch(/key/)
})

test('it installs, gets credentials and earlier runs, audits, and only then tells', () => {
  const order = [
    running('npm ci'),
    stepOf('aws-actions/configure-aws-credentials'),
    stepOf('actions/cache/restore'),
    running('strongroom audit'),
    running('strongroom export markdown >> "$GITHUB_STEP_SUMMARY"'),
    stepOf('actions/cache/save'),
    stepOf('actions/upload-artifact'),
  ]
  expect(order).not.toContain(-1)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(steps[running('strongroom audit')]?.run).toContain('--fail-on')
})

test('what follows the audit is done where --fail-on ended it, too', () => {
  const after = steps.slice(running('strongroom audit') + 1)
  expect(after.map((step) => step.if)).toEqual(after.map(() => '!cancelled()'))
})

test('what it saves is what it restores, and the lake that the configuration has', async () => {
  const restored = steps[stepOf('actions/cache/restore')]?.with ?? {}
  const saved = steps[stepOf('actions/cache/save')]?.with ?? {}
  const { lake } = await loadConfig(undefined)
  expect(`./${restored.path}`).toBe(lake)
  expect(saved).toEqual({ path: restored.path, key: restored.key })
  expect(saved.key).toMatch(new RegExp(`^${restored['restore-keys']}`))
  expect(gitlab.backups.cache.paths).toEqual([saved.path])
})

test('what it uploads is what it wrote', () => {
  const written = steps.flatMap(({ run }) => [...(run ?? '').matchAll(/--out (\S+)/g)])
  const uploaded = steps[stepOf('actions/upload-artifact')]?.with?.path?.trim().split('\n')
  expect(uploaded?.toSorted()).toEqual(written.map(([, file]) => file).toSorted())
  expect(gitlab.backups.artifacts.reports.junit).toBe('strongroom.xml')
})

test('nothing is fetched under the name of the program', () => {
  const scripts = JSON.stringify(blocks)
  const calls = scripts.match(/\S+ \S+ strongroom [a-z]/g) ?? []
  expect(calls.length).toBeGreaterThan(5)
  expect(calls.filter((call) => !call.includes('npx --no strongroom'))).toEqual([])
})
