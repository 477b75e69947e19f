import type { Reply } from '../../simulator/protocols/answers.ts'
import type { Wire } from './change-wire.ts'
import { jsonWire } from './json-wire.ts'
import { xmlWire } from './xml-wire.ts'

/** How an answer is written; undefined for a text that is no document. */
export function wireOf({ body, headers }: Reply): Wire | undefined {
  if (headers['content-type']?.includes('xml')) return xmlWire
  return body.startsWith('{') ? jsonWire : undefined
}

/** A path with the numbers of items left out: what is one field, whichever item has it. */
export function fieldOf(path: string[]): string {
  return path.map((step) => (/^\d+$/.test(step) ? '*' : step)).join('.')
}
