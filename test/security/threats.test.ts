import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'security.md'), 'utf8')
const sections = page.split(/^## /m).slice(1, -1)

test.each(sections.map((text) => [text.split('\n')[0] ?? '', text]))(
  '%s: its tests are there',
  (_, text) => {
    const named = [...text.matchAll(/^- `(test\/[^`]+)`: (.+)$/gm)]
    expect(named.length).toBeGreaterThan(0)
    const gone = named.filter(
      ([, file = '', name]) => !readFileSync(join(root, file), 'utf8').includes(`('${name}'`),
    )
    expect(gone.map(([line]) => line)).toEqual([])
  },
)
