import type { Wire } from './change-wire.ts'
import type { Change } from './changes.ts'

/** An answer in XML as the simulator writes it (elements, no comments, attributes on the outermost alone), taken apart. */
export const xmlWire: Wire = { paths, alter }

interface Element {
  open: string
  name: string
  /** Escaped text, or elements. */
  content: string | Element[]
}

/** What every answer has, and nobody reads. */
const ASIDE = new Set(['ResponseMetadata', 'requestId'])

function paths(body: string): string[][] {
  const found: string[][] = []
  const walk = ({ content }: Element, path: string[]) => {
    if (path.length > 0) found.push(path)
    if (typeof content === 'string') return
    for (const [step, child] of named(content)) {
      if (!ASIDE.has(child.name)) walk(child, [...path, ...step])
    }
  }
  walk(read(body).root, [])
  return found
}

function alter(body: string, path: string[], change: Change): string | undefined {
  const { prolog, root } = read(body)
  let siblings: Element[] = []
  let one: Element = root
  for (let at = 0; at < path.length; at += 2) {
    if (typeof one.content === 'string') return undefined
    siblings = one.content
    const [, found] =
      named(siblings).find(([[name, index]]) => name === path[at] && index === path[at + 1]) ?? []
    if (!found) return undefined
    one = found
  }
  if (change.kind === 'missing') siblings.splice(siblings.indexOf(one), 1)
  else if (change.kind === 'twice') siblings.push(one)
  else if (change.kind === 'more') {
    if (typeof one.content === 'string' && one.content !== '') return undefined
    const name = change.name ?? 'fuzz'
    one.content = [...one.content, { open: `<${name}>`, name, content: 'fuzz' }] as Element[]
  } else if (change.xml === undefined) return undefined
  else one.content = change.xml
  return prolog + write(root)
}

/** Elements with their names and numbers among those of the same name. */
function named(elements: Element[]): [[string, string], Element][] {
  const counts = new Map<string, number>()
  return elements.map((element) => {
    const index = counts.get(element.name) ?? 0
    counts.set(element.name, index + 1)
    return [[element.name, String(index)], element]
  })
}

function read(body: string): { prolog: string; root: Element } {
  const [prolog = ''] = /^<\?xml[^>]*\?>\s*/.exec(body) ?? []
  const outer: Element = { open: '', name: '', content: [] }
  const open: Element[] = [outer]
  for (const [, text = '', tag = ''] of body.slice(prolog.length).matchAll(/([^<]*)<([^>]+)>/g)) {
    const here = open.at(-1) as Element
    if (tag.startsWith('/')) {
      if (here.content.length === 0) here.content = text
      open.pop()
      continue
    }
    const name = tag.replace(/[\s/][\s\S]*$/, '')
    const element: Element = { open: `<${tag.replace(/\/$/, '')}>`, name, content: [] }
    if (typeof here.content !== 'string') here.content.push(element)
    if (!tag.endsWith('/')) open.push(element)
  }
  return { prolog, root: (outer.content as Element[])[0] as Element }
}

function write({ open, name, content }: Element): string {
  const inner = typeof content === 'string' ? content : content.map(write).join('')
  return `${open}${inner}</${name}>`
}
