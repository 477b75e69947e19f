import type { Wire } from './change-wire.ts'
import { type Change, RAW } from './changes.ts'

/** An answer in JSON, taken apart. */
export const jsonWire: Wire = { paths, alter }

type Holder = Record<string, unknown>

function paths(body: string): string[][] {
  const found: string[][] = []
  const walk = (value: unknown, path: string[]) => {
    if (path.length > 0) found.push(path)
    if (typeof value !== 'object' || value === null) return
    for (const [name, member] of Object.entries(value)) walk(member, [...path, name])
  }
  walk(JSON.parse(body), [])
  return found
}

function alter(body: string, path: string[], change: Change): string | undefined {
  const root: unknown = JSON.parse(body)
  const name = path.at(-1) ?? ''
  const holder = path.slice(0, -1).reduce<unknown>(memberOf, root)
  if (!isHolder(holder) || !Object.hasOwn(holder, name)) return undefined
  if (change.kind === 'missing') remove(holder, name)
  else if (change.kind === 'twice') {
    if (!Array.isArray(holder)) return undefined
    holder.push(holder[name])
  } else if (change.kind === 'more') {
    const value = holder[name]
    if (!isHolder(value) || Array.isArray(value)) return undefined
    return written(root).replace(written(value), (text) => withMember(text, change))
  } else holder[name] = change.json(holder[name])
  return written(root)
}

function memberOf(holder: unknown, step: string): unknown {
  return isHolder(holder) ? holder[step] : undefined
}

function remove(holder: Holder, name: string): void {
  if (Array.isArray(holder)) holder.splice(Number(name), 1)
  else delete holder[name]
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null
}

/** `__proto__` cannot be set on a value, only be written. */
function withMember(text: string, { name = 'fuzz' }: Change): string {
  return `{${JSON.stringify(name)}:{"fuzz":true}${text === '{}' ? '' : ','}${text.slice(1)}`
}

/** A number that JavaScript has not is written by its text. */
function written(value: unknown): string {
  return JSON.stringify(value).replaceAll(new RegExp(`"${RAW}([^"]*)"`, 'g'), '$1')
}
