import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generatedPages } from '../docs/generate.ts'
import { CATALOGUES, counterparts, parseReference } from '../docs/pages/counterparts.ts'
import { loadControls } from '../lib/engine/controls.ts'

const pages = await generatedPages()

it.each(Object.keys(pages))('docs/%s is what `npm run docs` writes', (name) => {
  const file = join(import.meta.dirname, '..', 'docs', name)
  expect(readFileSync(file, 'utf8') === pages[name], 'run `npm run docs`').toBe(true)
})

const root = join(import.meta.dirname, '..')
const written = globSync(['*.md', 'docs/*.md'], { cwd: root })

it.each(written)('the links of %s within the repository lead somewhere', (file) => {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/```.*?```/gs, '')
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  const astray = links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false
    const [path = '', heading] = link.split('#')
    const target = path === '' ? join(root, file) : join(root, dirname(file), path)
    if (!existsSync(target)) return true
    return heading !== undefined && !headingsOf(readFileSync(target, 'utf8')).has(heading)
  })
  expect(astray).toEqual([])
})

/** The anchors of a page's headings, as GitHub makes them. */
function headingsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((one) =>
      one
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

const controls = loadControls()

it.each(controls)(
  '$id refers to what other catalogues are known to ask, and to links',
  (control) => {
    const [links, others] = partition(control.references, (text) => /^https:\/\/\S+$/.test(text))
    expect(links).not.toEqual([])
    const unknown = others.filter((text) => {
      const reference = parseReference(text)
      return !reference || !(reference.id in counterparts[reference.catalogue].judged)
    })
    expect(unknown).toEqual([])
    expect(new Set(control.references).size).toBe(control.references.length)
  },
)

describe.each(Object.entries(counterparts))('what %s asks', (catalogue, { judged, unjudged }) => {
  it('is named by ids of its form', () => {
    const form = CATALOGUES[catalogue as keyof typeof CATALOGUES].id
    expect(Object.keys({ ...judged, ...unjudged }).filter((id) => !form.test(id))).toEqual([])
  })

  it('is judged by the controls that refer to it, or by none', () => {
    const referred = controls
      .flatMap(({ references }) => references.map(parseReference))
      .flatMap((reference) => (reference?.catalogue === catalogue ? [reference.id] : []))
    expect(Object.keys(judged).sort()).toEqual([...new Set(referred)].sort())
    expect(Object.keys(unjudged).filter((id) => id in judged)).toEqual([])
  })
})

function partition<T>(all: T[], test: (one: T) => boolean): [T[], T[]] {
  return [all.filter(test), all.filter((one) => !test(one))]
}
