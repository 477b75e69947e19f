import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { generatedPages } from '../docs/generate.ts'
import { loadControls } from '../lib/engine/controls.ts'

const pages = await generatedPages()

it.each(Object.keys(pages))('docs/%s is what `npm run docs` writes', (name) => {
  const file = join(import.meta.dirname, '..', 'docs', name)
  expect(readFileSync(file, 'utf8') === pages[name], 'run `npm run docs`').toBe(true)
})

it.each(loadControls())('$id refers to known catalogues and to links', ({ references }) => {
  const known =
    /^(SecurityHub:[A-Za-z0-9]+\.\d+|(Config|BackupAuditManager):[A-Z0-9_]+|Prowler:[a-z0-9_]+|https:\/\/\S+)$/
  expect(references.filter((reference) => !known.test(reference))).toEqual([])
  expect(references.some((reference) => reference.startsWith('https:'))).toBe(true)
})
