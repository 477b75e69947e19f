import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { recordedManagementEvents, type TrailSelectors } from '../../lib/events/trail-selectors.ts'

const file = join(import.meta.dirname, 'trail-selectors.yaml')
const cases: { name: string; selectors: TrailSelectors; records?: string }[] = parse(
  readFileSync(file, 'utf8'),
)

it.each(cases)('a trail with $name', ({ selectors, records }) => {
  expect(recordedManagementEvents(selectors)).toBe(records)
})
